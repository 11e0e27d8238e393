import { useLocation } from '@remix-run/react';
import { useEffect, useRef, useState } from 'react';

/**
 * Says the new page's title aloud after a link was followed: the browser itself does so only for pages that it loads,
 * and these it does not.
 */
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
