import { AsyncLocalStorage } from 'node:async_hooks';
import BetterSqlite3 from 'better-sqlite3';
import { drizzle } from 'drizzle-orm/better-sqlite3';
import type { Database, Queries } from '../database';
import * as schema from '../schema';
import { migrate } from './migrate.server';

/** A database on SQLite, with the connections beneath it. */
export interface SqliteDatabase extends Database {
  /** For the gateway's prepared read, backups and fault injection. */
  connections: { read: BetterSqlite3.Database; write: BetterSqlite3.Database };
}

export interface OpenOptions {
  /** How long a statement waits for another process's lock, in milliseconds. */
  busyTimeoutMs?: number;
}

/**
 * Opens the SQLite file at `path`, creates it if it is missing, and brings it to the newest schema.
 *
 * @throws MigrationError when the file's schema is newer than this program; SqliteError when the file cannot
 * be read or written.
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
  // Follows everything that a `work` calls; what it leaves behind (a timer, say) may write once it has ended.
  const current = new AsyncLocalStorage<{ open: boolean }>();

  async function transact<T>(work: (tx: Queries) => Promise<T>): Promise<T> {
    const transaction = { open: true };
    writer.exec('begin immediate');
    try {
      const result = await current.run(transaction, work, tx);
      writer.exec('commit');
      return result;
    } catch (error) {
      // SQLite rolls back by itself on some failures (a full disk among them).
      if (writer.inTransaction) writer.exec('rollback');
      throw error;
    } finally {
      transaction.open = false;
      // In use, it has Node follow every promise and socket of the process, those of the gateway's calls too (until
      // Node 24, which does it otherwise): so it is only while something is being written.
      current.disable();
    }
  }

  return {
    read: queriesOn(reader),
    write(work) {
      if (current.getStore()?.open) {
        throw new Error('write was called inside a write: use the transaction that is open');
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
 * Opens an existing file to look at it, beside a server that may be running on it: nothing is migrated and
 * nothing can be written.
 *
 * @throws SqliteError when there is no such file or it is no database.
 */
export function openDatabaseToRead(path: string, { busyTimeoutMs = 5_000 }: OpenOptions = {}) {
  // Not SQLite's own read-only mode, which leaves the write-ahead log's files behind when it is done.
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
    /** The connection beneath. */
    sqlite,
    close: () => void sqlite.close(),
  };
}

/**
 * The query builder on this connection. Drizzle types better-sqlite3 as synchronous; every builder can be awaited all
 * the same, and the rest of the code sees nothing else.
 */
export const queriesOn = (sqlite: BetterSqlite3.Database): Queries =>
  drizzle(sqlite, { schema }) as unknown as Queries;

/**
 * How much of the database each connection keeps in memory at most, in KiB: what a growing one adds to the process.
 * The reader's holds what a few thousand keys in use need among a million; with 16 MiB a look-up there took half as
 * long again.
 */
const CACHE_KIB = { read: 64_000, write: 16_000 };

/** The settings that every connection must have; each is read back, since SQLite ignores what it cannot do. */
const PRAGMAS = [
  ['journal_mode', 'WAL', 'wal'],
  // FULL, which WAL does not default to: an acknowledged change survives a power cut.
  ['synchronous', 'FULL', 2],
  ['foreign_keys', 'ON', 1],
  ['trusted_schema', 'OFF', 0],
] as const;

/**
 * Sets what every connection must have.
 *
 * @param cacheKib how much of the database it keeps in memory at most.
 * @throws Error when SQLite kept something else.
 */
export function configure(sqlite: BetterSqlite3.Database, cacheKib = CACHE_KIB.write): void {
  sqlite.pragma(`cache_size = -${cacheKib}`);
  for (const [name, value, expected] of PRAGMAS) {
    sqlite.pragma(`${name} = ${value}`);
    const actual = sqlite.pragma(name, { simple: true });
    if (actual !== expected) {
      throw new Error(
        `SQLite kept ${name} at ${actual}, not ${value}; the data folder must be on a local disk.`,
      );
    }
  }
}

/** Whether somebody else holds the lock that a statement needed. */
export const isBusy = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY');
