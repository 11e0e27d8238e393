import { and, eq, gt, isNotNull, isNull, type SQL } from 'drizzle-orm';
import type { AppContext } from '~/app-context.server';
import { err, ok, type Result } from '~/core/result';
import type { Queries } from '~db/database';
import { keys, sessions, users } from '~db/schema';
import type { KeyStatus } from '~db/schema/enums';
import type { ListUsersInput, UserView } from './users.schema';

const byName = new Intl.Collator('en');

const isInState = {
  enabled: () => isNull(users.disabledAt),
  disabled: () => isNotNull(users.disabledAt),
};

/**
 * The users that match, by name. Searched and sorted here rather than in SQLite, which folds the case of ASCII letters
 * only and so wouldn't find "Änne" by "änne".
 */
export async function listUsers(
  { db, now }: Pick<AppContext, 'db' | 'now'>,
  { search = '', role, state }: NonNullable<ListUsersInput> = {},
): Promise<UserView[]> {
  const rows = await selectUsers(
    db.read,
    now(),
    and(role && eq(users.role, role), state && isInState[state]()),
  );
  const needle = search.toLowerCase();
  return rows
    .filter(({ name, email }) => `${name}\n${email}`.toLowerCase().includes(needle))
    .sort((a, b) => byName.compare(a.name, b.name) || (a.id < b.id ? -1 : 1));
}

/** One user. Errors: user-not-found. */
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

/** The columns of a `UserView`, so never the password hash. */
function selectUsers(queries: Queries, now: number, where: SQL | undefined) {
  const countKeys = (status: KeyStatus) =>
    queries.$count(keys, and(eq(keys.holderId, users.id), eq(keys.status, status)));
  return queries
    .select({
      id: users.id,
      email: users.email,
      name: users.name,
      role: users.role,
      createdAt: users.createdAt,
      disabledAt: users.disabledAt,
      activeKeys: countKeys('ACTIVE'),
      pendingRequests: countKeys('PENDING'),
      sessions: queries.$count(
        sessions,
        and(eq(sessions.userId, users.id), gt(sessions.expiresAt, now), gt(sessions.endsAt, now)),
      ),
    })
    .from(users)
    .where(where);
}
