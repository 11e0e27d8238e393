import { type Context, memberProcedure, router } from './procedures.server';

/** How often an open page's session is looked up anew when nothing else happens. */
const SESSION_RECHECK_MS = 15_000;
/** Changes that arrive within this time are told as one. */
const GATHER_MS = 50;

export const liveRouter = router({
  changes: memberProcedure.subscription(({ ctx, signal }) => changes(ctx, ctx.actor, signal)),
});

/**
 * Tells an open page that something it may show has changed: the actor's own keys, the catalogue and, for
 * admins, everybody's keys, people and service accounts. The page then loads itself anew, through the same rules as ever, so nothing but a
 * number travels here. It begins with one such notice, for what happened between the page's loading and its
 * listening, and ends when the session has.
 */
async function* changes(
  { app, currentSession }: Pick<Context, 'app' | 'currentSession'>,
  actor: { id: string; role: string },
  signal: AbortSignal | undefined,
): AsyncGenerator<{ change: number }> {
  let change = 0;
  let dirty = true;
  let wake = () => {};
  const touch = () => {
    dirty = true;
    wake();
  };
  const listeners = {
    'key-changed': ({ holderId }: { holderId: string }) => {
      if (actor.role === 'admin' || holderId === actor.id) touch();
    },
    'key-used': ({ holderId }: { holderId: string }) => {
      if (holderId === actor.id) touch();
    },
    'tool-changed': touch,
    'user-changed': ({ userId }: { userId: string }) => {
      // It may have ended this session, which the loop looks at; admins see people change, too.
      if (actor.role === 'admin') touch();
      else if (userId === actor.id) wake();
    },
    'service-account-changed': () => {
      if (actor.role === 'admin') touch();
    },
  };
  const stop = () => wake();
  for (const [name, listener] of Object.entries(listeners))
    app.events.on(name as keyof typeof listeners, listener);
  signal?.addEventListener('abort', stop);
  try {
    while (!signal?.aborted) {
      const session = await currentSession();
      if (session === null) return;
      if (dirty) {
        dirty = false;
        yield { change: ++change };
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
    for (const [name, listener] of Object.entries(listeners))
      app.events.off(name as keyof typeof listeners, listener);
  }
}
