import type { BaseSQLiteDatabase } from 'drizzle-orm/sqlite-core';
import type * as schema from './schema';

/** What queries are built on, inside a transaction or outside one. Every builder is awaited. */
export type Queries = BaseSQLiteDatabase<'async', unknown, typeof schema>;

/** The database as the rest of the code sees it, whatever engine is beneath. */
export interface Database {
  /** Can't write. Sees every change as soon as `write` has resolved. */
  read: Queries;
  /**
   * Runs `work` in one transaction, one writer at a time, in the order called. Resolves after the commit is on disk;
   * rejects, with everything undone, when `work` does. Inside `work`, await nothing but the database: other writers
   * wait meanwhile.
   *
   * @throws Error when called inside another `work`, which would wait for itself.
   */
  write<T>(work: (tx: Queries) => Promise<T>): Promise<T>;
  /** Waits for queued writers, then closes the database. */
  close(): Promise<void>;
}
