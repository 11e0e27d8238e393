import { and, asc, desc, eq, gt, gte, inArray, lt, lte, or, type SQL, sql } from 'drizzle-orm';
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core';
import type { AppContext } from '~/app-context.server';
import { err, ok, type Result } from '~/core/result';
import type { Queries } from '~db/database';
import { auditEntries, keys, tools } from '~db/schema';
import {
  type AuditFilters,
  type AuditListInput,
  type AuditPage,
  type AuditView,
  type Detail,
  detailsOf,
} from './audit.schema';
import type { AuditEntry } from './record.server';
import { resolveNames } from './resolve-names.server';

export const AUDIT_PAGE_SIZE = 50;
/** How many keys one display prefix is taken to stand for; two are a coincidence already. */
const KEYS_PER_PREFIX = 20;

const { seq, at } = auditEntries;

/** A place in the list: an entry's number, and its time where the list goes by that. */
interface Place {
  seq: number;
  at: number;
}

interface Order {
  newestFirst: SQL[];
  oldestFirst: SQL[];
  older: (than: Place) => SQL;
  newer: (than: Place) => SQL;
}

/** By number, as recorded: an entry cannot be buried by setting the clock back. */
const BY_NUMBER: Order = {
  newestFirst: [desc(seq)],
  oldestFirst: [asc(seq)],
  older: (than) => lt(seq, than.seq),
  newer: (than) => gt(seq, than.seq),
};

/** By time, for a time range alone, which only the time's own index answers without walking past it. */
const BY_TIME: Order = {
  newestFirst: [desc(at), desc(seq)],
  oldestFirst: [asc(at), asc(seq)],
  older: (than) => sql`(${at}, ${seq}) < (${than.at}, ${than.seq})`,
  newer: (than) => sql`(${at}, ${seq}) > (${than.at}, ${than.seq})`,
};

/**
 * One page of the trail, newest first: the newest, those older than entry `cursor`, or those newer than
 * entry `after`. Pages are found by number, not counted off, so that the last one is as near as the first.
 */
export async function listAuditEntries(
  { db }: Pick<AppContext, 'db'>,
  input: AuditListInput,
): Promise<AuditPage> {
  const { cursor, after, ...filters } = input ?? {};
  const where = await filterConditions(db.read, filters);
  if (where === null) return { entries: [], nextCursor: null, newerCursor: null, names: {} };
  const order = goesByTime(filters) ? BY_TIME : BY_NUMBER;
  const from = await placeOf(db.read, cursor ?? after, order, filters);
  const select = (beyond: SQL | undefined, sorted: SQL[], limit: number) =>
    db.read
      .select()
      .from(auditEntries)
      .where(and(beyond, ...where))
      .orderBy(...sorted)
      .limit(limit);

  if (after !== undefined && from !== null) {
    const newer = await select(order.newer(from), order.oldestFirst, AUDIT_PAGE_SIZE + 1);
    // The top is reached: show the newest page whole, not the few that were left.
    if (newer.length > AUDIT_PAGE_SIZE) {
      const entries = newer.slice(0, AUDIT_PAGE_SIZE).reverse();
      return pageOf(db.read, entries, { newer: true, older: true });
    }
  }
  const older = cursor !== undefined && from !== null ? order.older(from) : undefined;
  const found = await select(older, order.newestFirst, AUDIT_PAGE_SIZE + 1);
  const [first] = found;
  const newer =
    older !== undefined &&
    first !== undefined &&
    (await select(order.newer(first), order.oldestFirst, 1)).length > 0;
  return pageOf(db.read, found.slice(0, AUDIT_PAGE_SIZE), { newer, older: found.length > AUDIT_PAGE_SIZE });
}

/** One entry, by its number. */
export async function getAuditEntry(
  { db }: Pick<AppContext, 'db'>,
  number: number,
): Promise<Result<Pick<AuditPage, 'names'> & { entry: AuditView }>> {
  const [found] = await db.read.select().from(auditEntries).where(eq(seq, number));
  if (found === undefined) return err('audit-entry-not-found');
  const entry = toAuditView(found);
  return ok({ entry, names: await resolveNames(db.read, [entry]) });
}

async function pageOf(
  queries: Queries,
  entries: AuditEntry[],
  more: { newer: boolean; older: boolean },
): Promise<AuditPage> {
  const views = entries.map(toAuditView);
  return {
    entries: views,
    nextCursor: more.older ? (views.at(-1)?.seq ?? null) : null,
    newerCursor: more.newer ? (views[0]?.seq ?? null) : null,
    names: await resolveNames(queries, views),
  };
}

/** An entry with its details read. Whoever tampers with them must not be able to break the page. */
export function toAuditView(entry: AuditEntry): AuditView {
  return { ...entry, details: readDetails(entry.details) ?? { unreadable: entry.details } };
}

function readDetails(json: string): Record<string, Detail> | null {
  try {
    return detailsOf.parse(JSON.parse(json));
  } catch {
    return null;
  }
}

function goesByTime({ from, to, ...others }: AuditFilters): boolean {
  const alone = Object.values(others).every((value) => value === undefined);
  return alone && (from !== undefined || to !== undefined);
}

/** Where entry `number` stands in the list, or would; moved to the edge of the time range when outside it. */
async function placeOf(
  queries: Queries,
  number: number | undefined,
  order: Order,
  { from = 0, to = Number.MAX_SAFE_INTEGER }: AuditFilters,
): Promise<Place | null> {
  if (number === undefined) return null;
  if (order === BY_NUMBER) return { seq: number, at: 0 };
  const [place] = await queries
    .select({ seq, at })
    .from(auditEntries)
    .where(lte(seq, number))
    .orderBy(desc(seq))
    .limit(1);
  if (place === undefined) return null;
  if (place.at > to) return { at: to, seq: Number.MAX_SAFE_INTEGER };
  return place.at < from ? { at: from, seq: 0 } : place;
}

/** The filters as conditions; null when nothing can match, the tool or key not being there at all. */
export async function filterConditions(queries: Queries, filters: AuditFilters): Promise<SQL[] | null> {
  const { actor, action, tool, key, from, to } = filters;
  // A key's entries are few: its index is to lead, and no condition beside it may offer another one.
  const equals = (column: SQLiteColumn, value: string): SQL =>
    key === undefined ? eq(column, value) : sql`coalesce(${column}, '') = ${value}`;
  const conditions: SQL[] = [];
  if (actor !== undefined) {
    conditions.push(
      actor.startsWith('usr_')
        ? equals(auditEntries.actorId, actor)
        : equals(auditEntries.actorEmail, actor.toLowerCase()),
    );
  }
  if (action !== undefined) conditions.push(equals(auditEntries.action, action));
  if (tool !== undefined) {
    const [found] = await queries
      .select({ id: tools.id })
      .from(tools)
      .where(or(eq(tools.slug, tool), eq(tools.id, tool)));
    if (found === undefined) return null;
    conditions.push(equals(auditEntries.toolId, found.id));
  }
  if (key !== undefined) {
    const ids = key.startsWith('key_') ? [key] : await keysWithPrefix(queries, key);
    if (ids.length === 0) return null;
    conditions.push(inArray(auditEntries.keyId, ids));
  }
  if (from !== undefined) conditions.push(gte(at, from));
  if (to !== undefined) conditions.push(lte(at, to));
  return conditions;
}

async function keysWithPrefix(queries: Queries, prefix: string): Promise<string[]> {
  const rows = await queries
    .select({ id: keys.id })
    .from(keys)
    .where(eq(keys.prefix, prefix))
    .limit(KEYS_PER_PREFIX);
  return rows.map(({ id }) => id);
}
