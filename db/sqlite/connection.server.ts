import { AsyncLocalStorage } from 'node:async_hooks';
import BetterSqlite3 from 'better-sqlite3';
import { drizzle } from 'drizzle-orm/better-sqlite3';
import type { Database, Queries } from '../database';
import * as schema from '../schema';
import { migrate } from './migrate.server';

/** A SQLite database and its raw connections. */
export interface SqliteDatabase extends Database {
  /** For the gateway's prepared statement, backups and fault injection. */
  connections: { read: BetterSqlite3.Database; write: BetterSqlite3.Database };
}

export interface OpenOptions {
  /** How long a statement waits for another process's lock. */
  busyTimeoutMs?: number;
}

/**
 * Opens the SQLite file at `path`, creates it if it is missing, and migrates it to the current schema.
 *
 * @throws MigrationError when the file can't be migrated; SqliteError when it can't be read or written.
 */
export function openDatabase(path: string, { busyTimeoutMs = 5_000 }: OpenOptions = {}): SqliteDatabase {
  const writer = new BetterSqlite3(path, { timeout: busyTimeoutMs });
  let reader: BetterSqlite3.Database;
  try {
    configure(writer, CACHE_KIB.write);
    migrate(writer);
    reader = new BetterSqlite3(path, { timeout: busyTimeoutMs });
    configure(reader, CACHE_KIB.read);
    reader.pragma('query_only = ON');
  } catch (error) {
    writer.close();
    throw error;
  }

  const tx = queriesOn(writer);
  let queue: Promise<unknown> = Promise.resolve();
  // Finds out whether `write` is called inside a `work`. `open` lets timers that `work` started write after it ended.
  const current = new AsyncLocalStorage<{ open: boolean }>();

  async function transact<T>(work: (tx: Queries) => Promise<T>): Promise<T> {
    const transaction = { open: true };
    writer.exec('begin immediate');
    try {
      const result = await current.run(transaction, work, tx);
      writer.exec('commit');
      return result;
    } catch (error) {
      // After some errors, such as a full disk, SQLite has already rolled back.
      if (writer.inTransaction) writer.exec('rollback');
      throw error;
    } finally {
      transaction.open = false;
      // While enabled, it makes Node (before 24) track every promise and socket of the process, including the
      // gateway's. So it is enabled only during a transaction.
      current.disable();
    }
  }

  return {
    read: queriesOn(reader),
    write(work) {
      if (current.getStore()?.open) {
        throw new Error('write was called inside a write: use the open transaction');
      }
      const turn = queue.then(() => transact(work));
      queue = turn.catch(() => undefined);
      return turn;
    },
    connections: { read: reader, write: writer },
    async close() {
      await queue;
      reader.close();
      writer.close();
    },
  };
}

/**
 * Opens an existing file read-only, without migrating it. A server may be running on the same file.
 *
 * @throws SqliteError when there is no such file or it isn't a database.
 */
export function openDatabaseToRead(path: string, { busyTimeoutMs = 5_000 }: OpenOptions = {}) {
  // Not SQLite's own read-only mode: that leaves the -wal and -shm files behind.
  const sqlite = new BetterSqlite3(path, { timeout: busyTimeoutMs, fileMustExist: true });
  try {
    sqlite.pragma('query_only = ON');
    sqlite.pragma('trusted_schema = OFF');
    sqlite.prepare('select count(*) from sqlite_master').get();
  } catch (error) {
    sqlite.close();
    throw error;
  }
  return {
    read: queriesOn(sqlite),
    /** The raw connection. */
    sqlite,
    close: () => void sqlite.close(),
  };
}

/** The query builder of a connection. Drizzle types better-sqlite3 as synchronous, but its builders can be awaited. */
export const queriesOn = (sqlite: BetterSqlite3.Database): Queries =>
  drizzle(sqlite, { schema }) as unknown as Queries;

/**
 * Page cache per connection, in KiB. 64 MB hold what a few thousand active keys among a million need; with 16 MB,
 * looking up a key took 50 % longer.
 */
const CACHE_KIB = { read: 64_000, write: 16_000 };

/** Settings of every connection: name, value, and what SQLite reports. It ignores a value it can't apply. */
const PRAGMAS = [
  ['journal_mode', 'WAL', 'wal'],
  // A committed change survives a power failure. The default for WAL doesn't guarantee that.
  ['synchronous', 'FULL', 2],
  ['foreign_keys', 'ON', 1],
  ['trusted_schema', 'OFF', 0],
] as const;

/**
 * Configures a connection.
 *
 * @throws Error when SQLite doesn't apply a setting, for example WAL on a network file system.
 */
export function configure(sqlite: BetterSqlite3.Database, cacheKib = CACHE_KIB.write): void {
  sqlite.pragma(`cache_size = -${cacheKib}`);
  for (const [name, value, expected] of PRAGMAS) {
    sqlite.pragma(`${name} = ${value}`);
    const actual = sqlite.pragma(name, { simple: true });
    if (actual !== expected) {
      throw new Error(
        `SQLite left ${name} at ${actual} instead of ${value}. The data directory must be on a local disk.`,
      );
    }
  }
}

/** Whether a statement failed because another connection holds the lock. */
export const isBusy = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY');
