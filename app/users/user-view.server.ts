import { and, eq, gt, isNotNull, isNull, type SQL } from 'drizzle-orm';
import type { AppContext } from '~/app-context.server';
import { err, ok, type Result } from '~/core/result';
import type { Queries } from '~db/database';
import { keys, sessions, users } from '~db/schema';
import type { KeyStatus } from '~db/schema/enums';
import type { ListUsersInput, UserView } from './users.schema';

/**
 * People whose name or address, role and state fit, by name. Names are compared and put in order here, since people
 * are few and SQLite folds the case of ASCII letters only: it would not find Änne by her own name.
 */
export async function listUsers(
  { db, now }: Pick<AppContext, 'db' | 'now'>,
  { search = '', role, state }: NonNullable<ListUsersInput> = {},
): Promise<UserView[]> {
  const people = await selectUsers(
    db.read,
    now(),
    and(
      role === undefined ? undefined : eq(users.role, role),
      state === undefined
        ? undefined
        : state === 'enabled'
          ? isNull(users.disabledAt)
          : isNotNull(users.disabledAt),
    ),
  );
  const folded = search.toLowerCase();
  return people
    .filter(({ name, email }) => `${name}\n${email}`.toLowerCase().includes(folded))
    .sort((a, b) => byName.compare(a.name, b.name) || (a.id < b.id ? -1 : 1));
}

const byName = new Intl.Collator('en');

/** One person as admins see them. Refuses: user-not-found. */
export async function getUser(
  { db, now }: Pick<AppContext, 'db' | 'now'>,
  id: string,
): Promise<Result<UserView>> {
  const user = await findUser(db.read, now(), id);
  return user === null ? err('user-not-found') : ok(user);
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
    .where(where);
}
