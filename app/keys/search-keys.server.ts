import { and, eq, gte, inArray, lt, or, type SQL, sql } from 'drizzle-orm';
import type { Queries } from '~db/database';
import { keys, serviceAccounts, tools, users } from '~db/schema';
import type { KeyStatus } from '~db/schema/enums';
import { LIVE_STATUSES } from './key-state-machine';
import { type KeyListStatus, keyId } from './keys.schema';

/** A search as conditions on `keys`. */
export interface Search {
  /** A key matches when one of these holds. Each can be read in the order of creation from an index. */
  branches: (SQL | undefined)[];
  statusIs: SQL | undefined;
}

/** Up to this many matching holders and tools become one indexed branch each; with more, all keys are scanned. */
const PROBE_LIMIT = 20;

/** A display prefix with enough random characters that few keys share it. */
const SELECTIVE_PREFIX = /^ai[ks]_[a-z]+_\w{2}/;

/** @param text a key's id, the beginning of a display prefix, or part of a holder's or tool's name. */
export async function readSearch(
  queries: Queries,
  text: string | undefined,
  status: KeyListStatus | undefined,
): Promise<Search> {
  const statuses = statusesOf(status);
  const statusIs = statuses === null ? undefined : inArray(keys.status, statuses);
  if (text !== undefined && text !== '') return { branches: await branchesFor(queries, text), statusIs };
  return { branches: statuses?.map((each) => eq(keys.status, each)) ?? [sql`true`], statusIs };
}

function statusesOf(status: KeyListStatus | undefined): KeyStatus[] | null {
  if (status === undefined) return null;
  return status === 'live' ? [...LIVE_STATUSES] : [status];
}

async function branchesFor(queries: Queries, text: string): Promise<(SQL | undefined)[]> {
  if (keyId.safeParse(text).success) return [eq(keys.id, text)];
  if (/^ai[ks]_/.test(text)) {
    // `~` sorts after every character of a prefix.
    const hasPrefix = and(gte(keys.prefix, text), lt(keys.prefix, `${text}~`));
    return [SELECTIVE_PREFIX.test(text) ? hasPrefix : withoutIndex(hasPrefix)];
  }
  const matches = await findByName(queries, text);
  const branches = matches.flatMap(({ column, ids }) => ids.map((id) => eq(column, id)));
  if (branches.length === 0) return [sql`false`];
  if (branches.length <= PROBE_LIMIT) return branches;
  return [withoutIndex(or(...matches.map(({ column, ids }) => inArray(column, ids))))];
}

/** The ids of users, service accounts and tools whose name, email or slug contains the text, per column of `keys`. */
async function findByName(queries: Queries, text: string) {
  // Compared in JavaScript because SQLite folds the case of ASCII letters only. People and tools are few.
  const folded = text.toLowerCase();
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

/** Hides the condition from the query planner: when many keys match, scanning them newest first is faster. */
const withoutIndex = (condition: SQL | undefined): SQL => sql`coalesce(${condition}, false)`;
