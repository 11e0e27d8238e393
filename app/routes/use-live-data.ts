import { useNavigation, useRevalidator } from '@remix-run/react';
import { createTRPCClient, httpSubscriptionLink } from '@trpc/client';
import { useEffect, useRef } from 'react';
import type { AppRouter } from '~/api/router.server';

/**
 * Reloads the page's data when the server reports a change. One connection per tab, and only while the tab is visible: over
 * HTTP/1.1, browsers allow six connections per host for all tabs together. A tab that becomes visible connects again, and the
 * server's first event reloads it. Focusing the window reloads too, in case the connection fails.
 *
 * Doesn't interrupt a navigation: a form is followed by a reload anyway, and a load that may have read too early is repeated.
 *
 * @param active false on a page that the user may not see: each reload would add a denied attempt to the audit trail.
 */
export function useLiveData(active: boolean): void {
  const { state: revalidation, revalidate } = useRevalidator();
  const { state: navigation } = useNavigation();
  const loading = navigation === 'loading' || revalidation === 'loading';
  const missed = useRef(false);
  const reload = useRef(() => {});
  reload.current = () => {
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
    const onChange = () => reload.current();
    let connection: { unsubscribe(): void } | null = null;
    const connectWhileVisible = () => {
      if (document.visibilityState === 'visible') {
        connection ??= client.live.changes.subscribe(undefined, { onData: onChange });
      } else {
        connection?.unsubscribe();
        connection = null;
      }
    };
    connectWhileVisible();
    document.addEventListener('visibilitychange', connectWhileVisible);
    window.addEventListener('focus', onChange);
    return () => {
      connection?.unsubscribe();
      document.removeEventListener('visibilitychange', connectWhileVisible);
      window.removeEventListener('focus', onChange);
    };
  }, [active]);
}
