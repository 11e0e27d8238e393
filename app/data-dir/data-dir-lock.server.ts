import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import type { Config } from '~/core/config.server';
import { isBusy } from '~db/sqlite/connection.server';
import { chownToFolderOwner } from './ownership.server';

/** How long a server that starts waits for the one before it to have ended. */
const WAIT_MS = 2_000;

/** Another process serves from the data folder, or is about to replace what is in it. */
export class DataDirInUseError extends Error {
  constructor(folder: string) {
    super(
      `Another server, or a restore, is at work in ${folder}. Stop it first, or set DATA_DIR to another folder.`,
    );
  }
}

/**
 * Takes the data folder for this process alone: two servers would not tell each other of revocations, and a
 * restore must not replace the database under one. Commands that only read or write rows need no hold.
 *
 * The hold is SQLite's own lock on an empty file, which the system takes away when the process ends, however
 * it ends: no stale lock is ever left.
 *
 * @throws DataFolderInUse when somebody else has it.
 */
export function acquireDataDirLock({ dataDir }: Pick<Config, 'dataDir'>): { release(): void } {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const path = join(dataDir, 'in-use.lock');
  const lock = new BetterSqlite3(path, { timeout: WAIT_MS });
  try {
    lock.pragma('journal_mode = MEMORY'); // nothing is ever written; no journal beside it either
    lock.exec('begin exclusive');
    chownToFolderOwner(path);
  } catch (error) {
    lock.close();
    if (isBusy(error)) throw new DataDirInUseError(dataDir);
    throw error;
  }
  return { release: () => void lock.close() };
}
