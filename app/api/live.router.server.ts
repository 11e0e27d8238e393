import type { Context } from './context.server';
import { memberProcedure, router } from './procedures.server';

/** How often an open stream checks its session when nothing happens. */
const SESSION_RECHECK_MS = 15_000;
/** Changes within this time are sent as one event. */
const DEBOUNCE_MS = 50;

export const liveRouter = router({
  changes: memberProcedure(
    'Streams an event whenever something that the caller may see has changed.',
  ).subscription(({ ctx, signal }) => watchChanges(ctx, ctx.actor, signal)),
});

/**
 * Yields an event when something that the actor may see has changed: their own keys and the catalogue; for admins also
 * all keys, users and service accounts. Events carry only a number; the page then reloads its data through the usual
 * procedures. The first event comes immediately, for changes between the page's load and this call. Ends with the
 * session.
 */
async function* watchChanges(
  { app, currentSession }: Pick<Context, 'app' | 'currentSession'>,
  actor: { id: string; role: string },
  signal: AbortSignal | undefined,
): AsyncGenerator<{ change: number }> {
  const isAdmin = actor.role === 'admin';
  let change = 0;
  let isDirty = true;
  let wake = () => {};
  const touch = () => {
    isDirty = true;
    wake();
  };
  const touchIf = (isVisible: boolean) => {
    if (isVisible) touch();
  };
  const listeners = {
    'key-changed': ({ holderId }: { holderId: string }) => touchIf(isAdmin || holderId === actor.id),
    'key-used': ({ holderId }: { holderId: string }) => touchIf(holderId === actor.id),
    'tool-changed': touch,
    'user-changed': ({ userId }: { userId: string }) => {
      if (isAdmin) touch();
      // The change may have ended this session, so wake up to check it.
      else if (userId === actor.id) wake();
    },
    'service-account-changed': () => touchIf(isAdmin),
  };
  const stop = () => wake();
  for (const [name, listener] of Object.entries(listeners))
    app.events.on(name as keyof typeof listeners, listener);
  signal?.addEventListener('abort', stop);
  try {
    while (!signal?.aborted) {
      const session = await currentSession();
      if (session === null) return;
      if (isDirty) {
        isDirty = false;
        yield { change: ++change };
      }
      if (isDirty || signal?.aborted) continue;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, SESSION_RECHECK_MS);
        wake = () => {
          clearTimeout(timer);
          setTimeout(resolve, DEBOUNCE_MS);
        };
      });
    }
  } finally {
    signal?.removeEventListener('abort', stop);
    for (const [name, listener] of Object.entries(listeners))
      app.events.off(name as keyof typeof listeners, listener);
  }
}
