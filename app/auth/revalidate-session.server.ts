import type { AppContext } from '~/app-context.server';
import type { Queries } from '~db/database';
import { findSession } from './session-store.server';
import type { Session } from './sessions.server';

/** Thrown inside a transaction to roll it back when the actor's session or role is no longer valid. */
export class SessionEndedError extends Error {
  constructor() {
    super('the session ended or the role changed before the transaction began');
  }
}

/**
 * The app context for a signed-in caller: every transaction first checks, inside itself, that the session still
 * exists and the role is unchanged.
 *
 * A call is authorized before its transaction and then waits for the writer. Without this check, an admin who is
 * disabled or demoted meanwhile could invite themselves back, and someone with a lost device could still get a key or
 * change the password after the owner's sessions were ended. Procedures receive only this context.
 */
export function withSessionCheck(app: AppContext, session: Session): AppContext {
  return {
    ...app,
    db: {
      ...app.db,
      write: (work) =>
        app.db.write(async (tx) => {
          if (!(await isSessionValid(tx, app.now(), session))) throw new SessionEndedError();
          return await work(tx);
        }),
    },
  };
}

async function isSessionValid(tx: Queries, now: number, { user, sessionId }: Session): Promise<boolean> {
  const current = await findSession(tx, sessionId, now);
  return current?.user.id === user.id && current.user.role === user.role;
}
