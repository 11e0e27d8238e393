import type { BaseSQLiteDatabase } from 'drizzle-orm/sqlite-core';
import type * as schema from './schema';

/** The query builder, inside or outside a transaction. Always await the builders. */
export type Queries = BaseSQLiteDatabase<'async', unknown, typeof schema>;

/** The database, independent of its engine. */
export interface Database {
  /** Read-only. Sees every change as soon as `write` resolves. */
  read: Queries;
  /**
   * Runs `work` in one transaction. Transactions run one at a time, in call order. Resolves when the commit is on disk.
   * If `work` rejects, rolls back and rejects with the same error. Await only the database inside `work`: other writers
   * wait for it.
   *
   * @throws Error when called inside another `work`, which would deadlock.
   */
  write<T>(work: (tx: Queries) => Promise<T>): Promise<T>;
  /** Waits for queued writers, then closes the database. */
  close(): Promise<void>;
}
