import { type TrackedEnvelope, tracked } from '@trpc/server';
import type { App } from '~/app.server';
import type { Context, SignedIn } from './init.server';

type EventName = 'key-changed' | 'tool-changed' | 'user-changed';
type EventFacts = { keyId?: string; holderId?: string; toolId?: string; userId?: string };

/** How often an open page's session is looked up anew when nothing else happens. */
const SESSION_RECHECK_MS = 15_000;
/** Changes that arrive within this time are told as one. */
const GATHER_MS = 50;

/**
 * Tells an open page that something it shows has changed; the page then loads itself anew, through the
 * same rules as ever, so nothing but a number travels here. It begins with one such notice, for what
 * happened between the page's loading and its listening; it ends when the session has, or `may` says no.
 */
export async function* changes(
  { app, sessionNow }: Pick<Context, 'app' | 'sessionNow'>,
  signal: AbortSignal | undefined,
  concerns: (event: EventName, facts: EventFacts) => boolean,
  may: (session: SignedIn) => boolean = () => true,
): AsyncGenerator<TrackedEnvelope<{ change: number }>> {
  let change = 0;
  let wake = () => {};
  let dirty = true;
  const names: EventName[] = ['key-changed', 'tool-changed', 'user-changed'];
  const listeners = names.map((name) => ({
    name,
    listener: (facts: EventFacts) => {
      // A user's own change may have ended the session: wake up to look, whatever the page shows.
      if (name === 'user-changed' || concerns(name, facts)) {
        dirty ||= concerns(name, facts);
        wake();
      }
    },
  }));
  const stop = () => wake();
  listen(app, listeners, 'on');
  signal?.addEventListener('abort', stop);
  try {
    while (!signal?.aborted) {
      const session = await sessionNow();
      if (session === null || !may(session)) return;
      if (dirty) {
        dirty = false;
        yield tracked(String(++change), { change });
      }
      if (dirty || signal?.aborted) continue;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, SESSION_RECHECK_MS);
        wake = () => {
          clearTimeout(timer);
          setTimeout(resolve, GATHER_MS);
        };
      });
    }
  } finally {
    signal?.removeEventListener('abort', stop);
    listen(app, listeners, 'off');
  }
}

function listen(
  { events }: Pick<App, 'events'>,
  listeners: { name: EventName; listener: (facts: EventFacts) => void }[],
  how: 'on' | 'off',
): void {
  for (const { name, listener } of listeners) events[how](name, listener);
}
