import { asc, count, desc, type SQL, sql } from 'drizzle-orm';
import type { SQLiteColumn, SQLiteSelect } from 'drizzle-orm/sqlite-core';
import type { Queries } from './database';

export type SortOrder = 'asc' | 'desc';
export type PageDirection = 'next' | 'previous';

export const reverseOrder = (order: SortOrder): SortOrder => (order === 'asc' ? 'desc' : 'asc');

/**
 * The `where` and `orderBy` of the rows after `position` in this order, or of all rows for null. `columns` and
 * `position` go by the list's sort key, of which the last column is unique.
 */
export function keysetClauses(columns: SQLiteColumn[], order: SortOrder, position: unknown[] | null) {
  const [sort, operator] = order === 'asc' ? [asc, sql`>`] : [desc, sql`<`];
  const list = (parts: unknown[]) =>
    sql.join(
      parts.map((part) => sql`${part}`),
      sql`, `,
    );
  return {
    where: position === null ? undefined : (sql`(${list(columns)}) ${operator} (${list(position)})` as SQL),
    orderBy: columns.map((column) => sort(column)),
  };
}

export interface KeysetPage<Row> {
  /** In the list's own order, whichever direction they were read in. */
  rows: Row[];
  hasPrevious: boolean;
  hasNext: boolean;
}

/**
 * One page of a list: the first, the one after a position (`next`), or the one before it (`previous`). Seeks in an index
 * instead of skipping rows with OFFSET, so the last page is as fast as the first.
 *
 * @param read returns up to `limit` rows next to `position` in a direction, nearest first; from the list's beginning
 *   for null. A row can serve as a position.
 */
export async function readKeysetPage<Position, Row extends Position>({
  size,
  from,
  read,
}: {
  size: number;
  from: { direction: PageDirection; position: Position } | null;
  read: (direction: PageDirection, position: Position | null, limit: number) => Promise<Row[]>;
}): Promise<KeysetPage<Row>> {
  if (from?.direction === 'previous') {
    const rows = await read('previous', from.position, size + 1);
    if (rows.length > size) {
      return { rows: rows.slice(0, size).reverse(), hasPrevious: true, hasNext: true };
    }
    // Fewer rows than a page are left: return the whole first page instead.
  }
  const position = from?.direction === 'next' ? from.position : null;
  const rows = await read('next', position, size + 1);
  const [first] = rows;
  const hasPrevious =
    position !== null && first !== undefined && (await read('previous', first, 1)).length > 0;
  return { rows: rows.slice(0, size), hasPrevious, hasNext: rows.length > size };
}

/** Counts the rows of `select`, but at most `max` of them: `isExact` is false when there are more. */
export async function countUpTo(
  queries: Queries,
  select: SQLiteSelect,
  max: number,
): Promise<{ count: number; isExact: boolean }> {
  const counted = select.limit(max + 1).as('counted');
  const [row] = await queries.select({ total: count() }).from(counted);
  const total = row?.total ?? 0;
  return { count: Math.min(total, max), isExact: total <= max };
}
