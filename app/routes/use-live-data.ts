import { useNavigation, useRevalidator } from '@remix-run/react';
import { createTRPCClient, httpSubscriptionLink } from '@trpc/client';
import { useEffect, useRef } from 'react';
import type { AppRouter } from '~/api/router.server';

/**
 * Loads the page's data anew whenever the server says that something has changed. One connection a tab, and
 * only while the tab is seen: over HTTP/1.1 browsers keep six connections a host, all tabs together. Coming
 * back to the tab connects again, and the server's first notice makes the page fresh; should the connection
 * fail altogether, focusing the window does so too.
 *
 * Never into a load under way, which that would break off: a form on its way is followed by fresh data anyway,
 * and a load that may have read too early is followed by another one.
 *
 * @param active false on a page that is refused as a whole: it has nothing to keep fresh, and each try of its
 * loaders would be one more attempt for the audit trail.
 */
export function useLiveData(active: boolean): void {
  const { state: revalidation, revalidate } = useRevalidator();
  const { state: navigation } = useNavigation();
  const loading = navigation === 'loading' || revalidation === 'loading';
  const missed = useRef(false);
  const latest = useRef(() => {});
  latest.current = () => {
    if (loading) missed.current = true;
    else if (navigation === 'idle') revalidate();
  };

  useEffect(() => {
    if (loading || !missed.current) return;
    missed.current = false;
    revalidate();
  }, [loading, revalidate]);

  useEffect(() => {
    if (!active) return;
    const client = createTRPCClient<AppRouter>({ links: [httpSubscriptionLink({ url: '/api/trpc' })] });
    const refresh = () => latest.current();
    let connection: { unsubscribe(): void } | null = null;
    const follow = () => {
      if (document.visibilityState === 'visible') {
        connection ??= client.live.changes.subscribe(undefined, { onData: refresh });
      } else {
        connection?.unsubscribe();
        connection = null;
      }
    };
    follow();
    document.addEventListener('visibilitychange', follow);
    window.addEventListener('focus', refresh);
    return () => {
      connection?.unsubscribe();
      document.removeEventListener('visibilitychange', follow);
      window.removeEventListener('focus', refresh);
    };
  }, [active]);
}
