import { useLocation } from '@remix-run/react';
import { useEffect, useRef, useState } from 'react';

/** Announces the new page's title to screen readers after client-side navigation, as browsers do when they load a page. */
export function RouteAnnouncer() {
  const { pathname } = useLocation();
  const loaded = useRef(pathname);
  const [title, setTitle] = useState('');
  useEffect(() => {
    if (loaded.current === pathname) return;
    loaded.current = pathname;
    setTitle(document.title);
  }, [pathname]);
  return (
    <p role="status" className="sr-only">
      {title}
    </p>
  );
}
