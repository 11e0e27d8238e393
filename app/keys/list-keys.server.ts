import { and, asc, count, desc, eq, inArray, or, type SQL, sql } from 'drizzle-orm';
import type { AppContext } from '~/app-context.server';
import { err, ok, type Result } from '~/core/result';
import { findRawKey, hashRawKey } from '~/crypto/key-format.server';
import type { Queries } from '~db/database';
import { keys, serviceAccounts, users } from '~db/schema';
import { holderOf, selectKeys, toKeyView } from './key-view.server';
import type { AdminKeyView, KeyHolder, KeyPage, ListKeysInput } from './keys.schema';
import { readSearch, type Search } from './search-keys.server';

export const KEYS_PAGE_SIZE = 50;
/** Counting ends here: how many more there are is no answer to anybody's question. */
const COUNTED_AT_MOST = 10_000;

/** Where a key stands in the register. */
interface Place {
  id: string;
  createdAt: number;
}

/**
 * One page of every key in the organisation, newest first or oldest: the first, the one that follows `cursor`, or the
 * one before `after`; narrowed by words and status.
 */
export async function listKeys({ db }: Pick<AppContext, 'db'>, input: ListKeysInput): Promise<KeyPage> {
  const { q, status, sort, cursor, after } = input ?? {};
  const [on, back] = sort === 'oldest' ? (['newer', 'older'] as const) : (['older', 'newer'] as const);
  const search = await readSearch(db.read, q, status);
  const total = await countUpTo(db.read, search, COUNTED_AT_MOST + 1);
  const from = await placeOf(db.read, cursor ?? after);

  if (after !== undefined && from !== null) {
    const before = await placesBeyond(db.read, search, from, back, KEYS_PAGE_SIZE + 1);
    // The top is reached: show the first page whole, not the few that were left.
    if (before.length > KEYS_PAGE_SIZE) {
      const places = before.slice(0, KEYS_PAGE_SIZE).reverse();
      return pageOf(db.read, places, total, { before: true, after: true });
    }
  }
  const start = cursor === undefined ? null : from;
  const found = await placesBeyond(db.read, search, start, on, KEYS_PAGE_SIZE + 1);
  const [first] = found;
  const before =
    start !== null && first !== undefined && (await placesBeyond(db.read, search, first, back, 1)).length > 0;
  return pageOf(db.read, found.slice(0, KEYS_PAGE_SIZE), total, {
    before,
    after: found.length > KEYS_PAGE_SIZE,
  });
}

/**
 * The key that a pasted text holds, for one that leaked: found by its hash. The text itself is neither kept nor
 * logged. Refuses: invalid-raw-key, raw-key-not-found.
 */
export async function findByRawKey(
  { db }: Pick<AppContext, 'db'>,
  text: string,
): Promise<Result<AdminKeyView>> {
  const rawKey = findRawKey(text);
  if (rawKey === null) return err('invalid-raw-key');
  const [found] = await describeKeys(db.read, eq(keys.hash, hashRawKey(rawKey)));
  return found === undefined ? err('raw-key-not-found') : ok(found);
}

/** The keys with these ids as admins see them, newest first. */
export async function getKeysByIds({ db }: Pick<AppContext, 'db'>, ids: string[]): Promise<AdminKeyView[]> {
  return describeKeys(db.read, inArray(keys.id, ids));
}

async function countUpTo(queries: Queries, { ways, ofStatus }: Search, limit: number): Promise<number> {
  const some = queries
    .select({ id: keys.id })
    .from(keys)
    .where(and(or(...ways), ofStatus))
    .limit(limit)
    .as('some');
  const [row] = await queries.select({ total: count() }).from(some);
  return row?.total ?? 0;
}

/** The places next to `from` in one direction, nearest first; from that direction's own beginning for null. */
async function placesBeyond(
  queries: Queries,
  { ways, ofStatus }: Search,
  from: Place | null,
  direction: 'older' | 'newer',
  limit: number,
): Promise<Place[]> {
  const [sort, sign] = direction === 'older' ? [desc, sql`<`] : [asc, sql`>`];
  const beyond =
    from === null ? undefined : sql`(${keys.createdAt}, ${keys.id}) ${sign} (${from.createdAt}, ${from.id})`;
  const found = await Promise.all(
    ways.map((way) =>
      queries
        .select({ id: keys.id, createdAt: keys.createdAt })
        .from(keys)
        .where(and(way, ofStatus, beyond))
        .orderBy(sort(keys.createdAt), sort(keys.id))
        .limit(limit),
    ),
  );
  // A key may be found by its holder and by its tool.
  const places = [...new Map(found.flat().map((place) => [place.id, place])).values()];
  const order = (a: Place, b: Place) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1);
  return places.sort(direction === 'older' ? (a, b) => order(b, a) : order).slice(0, limit);
}

async function placeOf(queries: Queries, id: string | undefined): Promise<Place | null> {
  if (id === undefined) return null;
  const [place] = await queries
    .select({ id: keys.id, createdAt: keys.createdAt })
    .from(keys)
    .where(eq(keys.id, id));
  return place ?? null;
}

async function pageOf(
  queries: Queries,
  places: Place[],
  total: number,
  more: { before: boolean; after: boolean },
): Promise<KeyPage> {
  const ids = places.map(({ id }) => id);
  const found = new Map((await describeKeys(queries, inArray(keys.id, ids))).map((key) => [key.id, key]));
  return {
    keys: ids.flatMap((id) => found.get(id) ?? []),
    count: Math.min(total, COUNTED_AT_MOST),
    countIsWhole: total <= COUNTED_AT_MOST,
    nextCursor: more.after ? (ids.at(-1) ?? null) : null,
    newerCursor: more.before ? (ids[0] ?? null) : null,
  };
}

async function describeKeys(queries: Queries, where: SQL): Promise<AdminKeyView[]> {
  const rows = await selectKeys(queries, where);
  const holders = await describeHolders(queries, [...new Set(rows.map(holderOf))]);
  return rows.flatMap((row) => {
    const holder = holders.get(holderOf(row));
    return holder === undefined ? [] : [{ ...toKeyView(row), holder }];
  });
}

/** The people and service accounts with these ids. */
async function describeHolders(queries: Queries, ids: string[]): Promise<Map<string, KeyHolder>> {
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
  const all = [...people, ...accounts.map((account) => ({ ...account, email: null }))];
  return new Map(
    all.map(({ disabledAt, ...holder }) => [holder.id, { ...holder, disabled: disabledAt !== null }]),
  );
}
