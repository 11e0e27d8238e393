import { and, eq, isNull, sql } from 'drizzle-orm';
import type { App } from '~/app.server';
import type { Actor } from '~/audit/audit.server';
import type { Queries } from '~db/client.server';
import { prepared } from '~db/prepared.server';
import { users } from '~db/schema';

/** Thrown out of a transaction, which it undoes, when its actor may no longer act. */
export class AuthorityEnded extends Error {
  constructor() {
    super('the actor was disabled or given another role before the transaction began');
  }
}

/**
 * The application as somebody who is signed in may use it: every transaction that they begin looks first,
 * inside itself, whether they are still enabled and still have the role that the call was let in with.
 *
 * A call is let in by what its session said, and then waits for its turn to write. Who is disabled or demoted
 * meanwhile could otherwise still invite themselves back, or be left with a key that works, after the change that
 * ended their sessions, links and keys. Procedures are given this and nothing else, so that none can forget it.
 */
export function actingAs(app: App, actor: Pick<Actor, 'id' | 'role'>): App {
  return {
    ...app,
    db: {
      ...app.db,
      write: (work) =>
        app.db.write(async (tx) => {
          if (!(await mayStillAct(tx, actor))) throw new AuthorityEnded();
          return await work(tx);
        }),
    },
  };
}

const enabledUser = prepared((queries) =>
  queries
    .select({ role: users.role })
    .from(users)
    .where(and(eq(users.id, sql.placeholder('id')), isNull(users.disabledAt)))
    .prepare(),
);

async function mayStillAct(tx: Queries, { id, role }: Pick<Actor, 'id' | 'role'>): Promise<boolean> {
  const [user] = await enabledUser(tx).execute({ id });
  return user?.role === role;
}
