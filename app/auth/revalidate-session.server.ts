import type { AppContext } from '~/app-context.server';
import type { Queries } from '~db/database';
import { findSession } from './session-store.server';
import type { Session } from './sessions.server';

/** Thrown out of a transaction, which it undoes, when its actor may no longer act. */
export class SessionEndedError extends Error {
  constructor() {
    super('the session ended, or its user was given another role, before the transaction began');
  }
}

/**
 * The application as somebody who is signed in may use it: every transaction that they begin looks first,
 * inside itself, whether their session goes on and they still have the role that the call was let in with.
 *
 * A call is let in by what its session said, and then waits for its turn to write. Who is disabled or demoted
 * meanwhile could otherwise still invite themselves back, or be left with a key that works, after the change that
 * ended their sessions, links and keys; and whoever has somebody's lost device could still get a key, or change
 * the password, after that person's sessions were ended. Procedures are given this and nothing else, so that none
 * can forget it.
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
  const still = await findSession(tx, sessionId, now);
  return still?.user.id === user.id && still.user.role === user.role;
}
