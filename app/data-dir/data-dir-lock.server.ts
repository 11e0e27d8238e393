import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import type { Config } from '~/core/config.server';
import { isBusy } from '~db/sqlite/connection.server';
import { chownToDirectoryOwner } from './ownership.server';

/** How long a starting server waits for the previous one to exit. */
const WAIT_MS = 2_000;

export class DataDirInUseError extends Error {
  constructor(dataDir: string) {
    super(
      `Another server, or a restore, is using the data directory ${dataDir}. Stop it first, or set DATA_DIR to another directory.`,
    );
  }
}

/**
 * Locks the data directory for this process. Two servers would not notice each other's revocations, and a restore must
 * not replace the database of a running server. Commands that only read or write rows don't need the lock.
 *
 * It is SQLite's lock on an empty file, which the operating system releases when the process exits or crashes.
 *
 * @throws DataDirInUseError if another process has the lock.
 */
export function acquireDataDirLock({ dataDir }: Pick<Config, 'dataDir'>): { release(): void } {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const path = join(dataDir, 'in-use.lock');
  const lock = new BetterSqlite3(path, { timeout: WAIT_MS });
  try {
    lock.pragma('journal_mode = MEMORY'); // nothing is written, so no journal file is needed
    lock.exec('begin exclusive');
    chownToDirectoryOwner(path);
  } catch (error) {
    lock.close();
    if (isBusy(error)) throw new DataDirInUseError(dataDir);
    throw error;
  }
  return { release: () => void lock.close() };
}
