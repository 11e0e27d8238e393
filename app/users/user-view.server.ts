import { and, asc, eq, gt, isNotNull, isNull, or, type SQL, sql } from 'drizzle-orm';
import type { App } from '~/app.server';
import { accept, type Outcome, refuse } from '~/errors';
import type { Queries } from '~db/client.server';
import { keys, sessions, users } from '~db/schema';
import type { KeyStatus } from '~db/schema/words';
import type { ListUsersInput, UserView } from './users.schema';

/** People whose name or address, role and state fit, by name. */
export async function listUsers(
  { db, now }: Pick<App, 'db' | 'now'>,
  { search = '', role, state }: NonNullable<ListUsersInput> = {},
): Promise<UserView[]> {
  return await selectUsers(
    db.read,
    now(),
    and(
      search === '' ? undefined : or(contains(users.name, search), contains(users.email, search)),
      role === undefined ? undefined : eq(users.role, role),
      state === undefined
        ? undefined
        : state === 'enabled'
          ? isNull(users.disabledAt)
          : isNotNull(users.disabledAt),
    ),
  );
}

/** One person as admins see them. Refuses: no-such-user. */
export async function getUser({ db, now }: Pick<App, 'db' | 'now'>, id: string): Promise<Outcome<UserView>> {
  const user = await findUser(db.read, now(), id);
  return user === null ? refuse('no-such-user') : accept(user);
}

export async function findUser(queries: Queries, now: number, id: string): Promise<UserView | null> {
  const [user] = await selectUsers(queries, now, eq(users.id, id));
  return user ?? null;
}

/** The same for a user that the transaction `queries` has just written; their absence is a bug. */
export async function mustFindUser(queries: Queries, now: number, id: string): Promise<UserView> {
  const user = await findUser(queries, now, id);
  if (user === null) throw new Error(`user ${id} was written and cannot be read`);
  return user;
}

/** The columns of a person's view; the password hash is left out by column. */
function selectUsers(queries: Queries, now: number, where: SQL | undefined) {
  const held = (status: KeyStatus) =>
    queries.$count(keys, and(eq(keys.holderId, users.id), eq(keys.status, status)));
  return queries
    .select({
      id: users.id,
      email: users.email,
      name: users.name,
      role: users.role,
      createdAt: users.createdAt,
      disabledAt: users.disabledAt,
      activeKeys: held('ACTIVE'),
      pendingRequests: held('PENDING'),
      sessions: queries.$count(
        sessions,
        and(eq(sessions.userId, users.id), gt(sessions.expiresAt, now), gt(sessions.endsAt, now)),
      ),
    })
    .from(users)
    .where(where)
    .orderBy(asc(sql`lower(${users.name})`), asc(users.id));
}

/** Part of a text, in any case; what the person typed is no pattern. */
function contains(column: typeof users.name | typeof users.email, text: string): SQL {
  const pattern = `%${text.toLowerCase().replace(/[\\%_]/g, (special) => `\\${special}`)}%`;
  return sql`lower(${column}) like ${pattern} escape '\\'`;
}
