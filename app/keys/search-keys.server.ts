import { and, eq, gte, inArray, lt, or, type SQL, sql } from 'drizzle-orm';
import type { Queries } from '~db/database';
import { keys, serviceAccounts, tools, users } from '~db/schema';
import type { KeyStatus } from '~db/schema/enums';
import type { KeyListStatus } from './keys.schema';

export interface Search {
  /** One of these must hold; each is answered newest first by an index. */
  ways: (SQL | undefined)[];
  ofStatus: SQL | undefined;
}

/** Up to so many holders and tools are each asked for their newest keys; with more, all keys are walked. */
const PROBE_LIMIT = 20;

/** A display prefix with enough of its random part that few keys share it. */
const SELECTIVE_PREFIX = /^ai[ks]_[a-z]+_\w{2}/;

/**
 * What words and status ask for. Words are a key's id, the beginning of a display prefix, or part of the name
 * of a holder or tool.
 */
export async function readSearch(
  queries: Queries,
  words: string | undefined,
  status: KeyListStatus | undefined,
): Promise<Search> {
  const statuses = statusesOf(status);
  const ofStatus = statuses === null ? undefined : inArray(keys.status, statuses);
  if (words !== undefined && words !== '') return { ways: await waysTo(queries, words), ofStatus };
  return { ways: statuses?.map((one) => eq(keys.status, one)) ?? [sql`true`], ofStatus };
}

function statusesOf(status: KeyListStatus | undefined): KeyStatus[] | null {
  if (status === undefined) return null;
  return status === 'live' ? ['PENDING', 'ACTIVE'] : [status];
}

async function waysTo(queries: Queries, words: string): Promise<(SQL | undefined)[]> {
  if (/^key_[0-9a-z]{20}$/.test(words)) return [eq(keys.id, words)];
  if (/^ai[ks]_/.test(words)) {
    // `~` sorts after every character of a prefix.
    const prefixed = and(gte(keys.prefix, words), lt(keys.prefix, `${words}~`));
    return [SELECTIVE_PREFIX.test(words) ? prefixed : walkedAlong(prefixed)];
  }
  const found = await named(queries, words);
  const ways = found.flatMap(({ column, ids }) => ids.map((id) => eq(column, id)));
  if (ways.length === 0) return [sql`false`];
  if (ways.length <= PROBE_LIMIT) return ways;
  return [walkedAlong(or(...found.map(({ column, ids }) => inArray(column, ids))))];
}

/** The people, service accounts and tools whose name, e-mail or slug has the words in it, by a key's column. */
async function named(queries: Queries, words: string) {
  // Compared here, since SQLite folds the case of ASCII letters only; people and tools are few.
  const folded = words.toLowerCase();
  const idsOf = (rows: { id: string; name: string; other?: string }[]) =>
    rows
      .filter(({ name, other = '' }) => `${name}\n${other}`.toLowerCase().includes(folded))
      .map(({ id }) => id);
  const [people, accounts, catalogue] = await Promise.all([
    queries.select({ id: users.id, name: users.name, other: users.email }).from(users),
    queries.select({ id: serviceAccounts.id, name: serviceAccounts.name }).from(serviceAccounts),
    queries.select({ id: tools.id, name: tools.displayName, other: tools.slug }).from(tools),
  ]);
  return [
    { column: keys.holderId, ids: idsOf(people) },
    { column: keys.serviceAccountId, ids: idsOf(accounts) },
    { column: keys.toolId, ids: idsOf(catalogue) },
  ];
}

/** A condition that offers no index: what many keys meet is soon found by walking them, newest first. */
const walkedAlong = (condition: SQL | undefined): SQL => sql`coalesce(${condition}, false)`;
