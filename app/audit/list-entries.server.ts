import { and, desc, eq, gte, inArray, lte, or, type SQL, sql } from 'drizzle-orm';
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core';
import type { AppContext } from '~/app-context.server';
import { err, ok, type Result } from '~/core/result';
import type { Queries } from '~db/database';
import { keysetClauses, readKeysetPage } from '~db/keyset-page.server';
import { auditEntries, keys, tools } from '~db/schema';
import {
  type AuditDetail,
  type AuditFilters,
  type AuditListInput,
  type AuditPage,
  type AuditView,
  auditDetails,
} from './audit.schema';
import type { AuditEntry } from './record.server';
import { resolveNames } from './resolve-names.server';

export const AUDIT_PAGE_SIZE = 50;
/** Two keys with the same display prefix are already unlikely. */
const KEYS_PER_PREFIX = 20;

const { seq, at } = auditEntries;

/** A position in the list: the values of an entry's sort columns. */
type Position = Pick<AuditEntry, 'seq' | 'at'>;

interface SortKey {
  columns: SQLiteColumn[];
  valuesOf: (position: Position) => number[];
}

/** In the order of recording, so that setting the clock back can't bury an entry. */
const BY_SEQ: SortKey = { columns: [seq], valuesOf: (position) => [position.seq] };

/** By time, when a time range is the only filter: only the index on time finds that range without a scan. */
const BY_TIME: SortKey = { columns: [at, seq], valuesOf: (position) => [position.at, position.seq] };

/** One page of the audit trail, newest first: the newest entries, those older than `cursor`, or those newer than `after`. */
export async function listAuditEntries(
  { db }: Pick<AppContext, 'db'>,
  input: AuditListInput,
): Promise<AuditPage> {
  const { cursor, after, ...filters } = input ?? {};
  const conditions = await filterConditions(db.read, filters);
  if (conditions === null) return { entries: [], nextCursor: null, newerCursor: null, names: {} };
  const sortKey = isTimeRangeOnly(filters) ? BY_TIME : BY_SEQ;
  const position = await positionOf(db.read, cursor ?? after, sortKey, filters);
  const page = await readKeysetPage<Position, AuditEntry>({
    size: AUDIT_PAGE_SIZE,
    from: position && { direction: after === undefined ? 'next' : 'previous', position },
    read: (direction, from, limit) => {
      const order = direction === 'next' ? 'desc' : 'asc';
      const { where, orderBy } = keysetClauses(sortKey.columns, order, from && sortKey.valuesOf(from));
      return db.read
        .select()
        .from(auditEntries)
        .where(and(where, ...conditions))
        .orderBy(...orderBy)
        .limit(limit);
    },
  });
  const entries = page.rows.map(toAuditView);
  return {
    entries,
    nextCursor: page.hasNext ? (entries.at(-1)?.seq ?? null) : null,
    newerCursor: page.hasPrevious ? (entries[0]?.seq ?? null) : null,
    names: await resolveNames(db.read, entries),
  };
}

/** One entry by its number. Errors: audit-entry-not-found. */
export async function getAuditEntry(
  { db }: Pick<AppContext, 'db'>,
  number: number,
): Promise<Result<Pick<AuditPage, 'names'> & { entry: AuditView }>> {
  const [row] = await db.read.select().from(auditEntries).where(eq(seq, number));
  if (row === undefined) return err('audit-entry-not-found');
  const entry = toAuditView(row);
  return ok({ entry, names: await resolveNames(db.read, [entry]) });
}

/** Parses an entry's details. Details that someone has tampered with must not break the page. */
export function toAuditView(entry: AuditEntry): AuditView {
  return { ...entry, details: readDetails(entry.details) ?? { unreadable: entry.details } };
}

function readDetails(json: string): Record<string, AuditDetail> | null {
  try {
    return auditDetails.parse(JSON.parse(json));
  } catch {
    return null;
  }
}

function isTimeRangeOnly({ from, to, ...others }: AuditFilters): boolean {
  const alone = Object.values(others).every((value) => value === undefined);
  return alone && (from !== undefined || to !== undefined);
}

/** The position of entry `number`, moved to the edge of the time range when it is outside; null when there is none. */
async function positionOf(
  queries: Queries,
  number: number | undefined,
  sortKey: SortKey,
  { from = 0, to = Number.MAX_SAFE_INTEGER }: AuditFilters,
): Promise<Position | null> {
  if (number === undefined) return null;
  if (sortKey === BY_SEQ) return { seq: number, at: 0 };
  const [position] = await queries
    .select({ seq, at })
    .from(auditEntries)
    .where(lte(seq, number))
    .orderBy(desc(seq))
    .limit(1);
  if (position === undefined) return null;
  if (position.at > to) return { at: to, seq: Number.MAX_SAFE_INTEGER };
  return position.at < from ? { at: from, seq: 0 } : position;
}

/** The filters as SQL conditions; null when the tool or key doesn't exist, so that nothing can match. */
export async function filterConditions(queries: Queries, filters: AuditFilters): Promise<SQL[] | null> {
  const { actor, action, tool, key, from, to } = filters;
  // A key has few entries. `coalesce` keeps SQLite from choosing another column's index instead of the key's.
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
