import { and, eq, inArray, or, type SQL } from 'drizzle-orm';
import type { AppContext } from '~/app-context.server';
import { err, ok, type Result } from '~/core/result';
import { findRawKey, hashRawKey } from '~/crypto/key-format.server';
import type { Queries } from '~db/database';
import {
  countUpTo,
  keysetClauses,
  readKeysetPage,
  reverseOrder,
  type SortOrder,
} from '~db/keyset-page.server';
import { keys, serviceAccounts, users } from '~db/schema';
import type { AdminKeyView, KeyHolder, KeyPage, ListKeysInput } from './keys.schema';
import { readSearch, type Search } from './search-keys.server';
import { holderIdOf, selectKeys, toKeyView } from './select-keys.server';

export const KEYS_PAGE_SIZE = 50;
/** Stop counting here; the page shows "more than 10,000". */
const MAX_COUNT = 10_000;

/** A position in the list: the values of a key's sort columns. */
type Position = Pick<typeof keys.$inferSelect, 'id' | 'createdAt'>;

/** One page of all keys: the first, the one after `cursor`, or the one before `after`; filtered by search and status. */
export async function listKeys({ db }: Pick<AppContext, 'db'>, input: ListKeysInput): Promise<KeyPage> {
  const { q, status, sort, cursor, after } = input ?? {};
  const order = sort === 'oldest' ? 'asc' : 'desc';
  const search = await readSearch(db.read, q, status);
  const matching = db.read
    .select({ id: keys.id })
    .from(keys)
    .where(and(or(...search.branches), search.statusIs));
  const total = await countUpTo(db.read, matching.$dynamic(), MAX_COUNT);
  const position = await positionOf(db.read, cursor ?? after);
  const page = await readKeysetPage<Position, Position>({
    size: KEYS_PAGE_SIZE,
    from: position && { direction: after === undefined ? 'next' : 'previous', position },
    read: (direction, from, limit) =>
      readPositions(db.read, search, direction === 'next' ? order : reverseOrder(order), from, limit),
  });
  const ids = page.rows.map(({ id }) => id);
  const byId = new Map((await selectAdminViews(db.read, inArray(keys.id, ids))).map((key) => [key.id, key]));
  return {
    keys: ids.flatMap((id) => byId.get(id) ?? []),
    count: total.count,
    countIsWhole: total.isExact,
    nextCursor: page.hasNext ? (ids.at(-1) ?? null) : null,
    newerCursor: page.hasPrevious ? (ids[0] ?? null) : null,
  };
}

/**
 * Finds a leaked key by the hash of the raw key in a pasted text. The text is neither stored nor logged.
 *
 * Errors: invalid-raw-key, raw-key-not-found.
 */
export async function findByRawKey(
  { db }: Pick<AppContext, 'db'>,
  text: string,
): Promise<Result<AdminKeyView>> {
  const rawKey = findRawKey(text);
  if (rawKey === null) return err('invalid-raw-key');
  const [found] = await selectAdminViews(db.read, eq(keys.hash, hashRawKey(rawKey)));
  return found === undefined ? err('raw-key-not-found') : ok(found);
}

/** The keys with these ids, newest first. */
export async function getKeysByIds({ db }: Pick<AppContext, 'db'>, ids: string[]): Promise<AdminKeyView[]> {
  return selectAdminViews(db.read, inArray(keys.id, ids));
}

/** Up to `limit` positions after `from` in this order, from every branch of the search; from the first for null. */
async function readPositions(
  queries: Queries,
  { branches, statusIs }: Search,
  order: SortOrder,
  from: Position | null,
  limit: number,
): Promise<Position[]> {
  const { where, orderBy } = keysetClauses(
    [keys.createdAt, keys.id],
    order,
    from && [from.createdAt, from.id],
  );
  const found = await Promise.all(
    branches.map((branch) =>
      queries
        .select({ id: keys.id, createdAt: keys.createdAt })
        .from(keys)
        .where(and(branch, statusIs, where))
        .orderBy(...orderBy)
        .limit(limit),
    ),
  );
  // A key can match in several branches, for example by its holder and by its tool.
  const positions = [...new Map(found.flat().map((position) => [position.id, position])).values()];
  const ascending = (a: Position, b: Position) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1);
  return positions.sort(order === 'asc' ? ascending : (a, b) => ascending(b, a)).slice(0, limit);
}

async function positionOf(queries: Queries, id: string | undefined): Promise<Position | null> {
  if (id === undefined) return null;
  const [position] = await queries
    .select({ id: keys.id, createdAt: keys.createdAt })
    .from(keys)
    .where(eq(keys.id, id));
  return position ?? null;
}

async function selectAdminViews(queries: Queries, where: SQL): Promise<AdminKeyView[]> {
  const rows = await selectKeys(queries, where);
  const holders = await selectHolders(queries, [...new Set(rows.map(holderIdOf))]);
  return rows.flatMap((row) => {
    const holder = holders.get(holderIdOf(row));
    return holder === undefined ? [] : [{ ...toKeyView(row), holder }];
  });
}

/** The users and service accounts with these ids, by id. */
async function selectHolders(queries: Queries, ids: string[]): Promise<Map<string, KeyHolder>> {
  const [people, accounts] = await Promise.all([
    queries
      .select({ id: users.id, name: users.name, email: users.email, disabledAt: users.disabledAt })
      .from(users)
      .where(inArray(users.id, ids)),
    queries
      .select({
        id: serviceAccounts.id,
        name: serviceAccounts.name,
        disabledAt: serviceAccounts.disabledAt,
      })
      .from(serviceAccounts)
      .where(inArray(serviceAccounts.id, ids)),
  ]);
  const holders = [...people, ...accounts.map((account) => ({ ...account, email: null }))];
  return new Map(
    holders.map(({ disabledAt, ...holder }) => [holder.id, { ...holder, disabled: disabledAt !== null }]),
  );
}
