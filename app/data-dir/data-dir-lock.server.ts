import { closeSync, existsSync, mkdirSync, openSync, statSync } from 'node:fs';
import { join } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { type Database, openDatabase, openDatabaseToRead } from '~db/sqlite/connection.server';
import { migrations, readSchemaVersion } from '~db/sqlite/migrate.server';
import type { App } from '~/app-context.server';
import { CommandError, type Terminal } from '~/cli/command.server';
import { type Config, databaseFile, readConfig } from '~/core/config.server';
import { giveToFolderOwner } from './ownership.server';
import { createLogger } from '~/core/logger.server';

/** How long a server that starts waits for the one before it to have ended. */
const WAIT_MS = 2_000;

/** Another process serves from the data folder, or is about to replace what is in it. */
export class DataFolderInUse extends Error {
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
export function holdDataFolder({ dataDir }: Pick<Config, 'dataDir'>): { release(): void } {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const path = join(dataDir, 'in-use.lock');
  const lock = new BetterSqlite3(path, { timeout: WAIT_MS });
  try {
    lock.pragma('journal_mode = MEMORY'); // nothing is ever written; no journal beside it either
    lock.exec('begin exclusive');
    giveToFolderOwner(path);
  } catch (error) {
    lock.close();
    if (isBusy(error)) throw new DataFolderInUse(dataDir);
    throw error;
  }
  return { release: () => void lock.close() };
}

/** Whether somebody else holds the lock that a statement needed. */
export const isBusy = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY');

/**
 * Where the database is, for a command that needs one.
 *
 * @throws CommandError when there is none, or this user cannot see whether there is.
 */
export function existingDatabase(config: Pick<Config, 'dataDir'>): string {
  const path = databaseFile(config);
  try {
    statSync(path);
    return path;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EACCES')
      throw new CommandError(
        `This user may not enter ${config.dataDir}. Run the command as the folder's owner, or as root.`,
      );
    throw new CommandError(`There is no database at ${path}. Set DATA_DIR to its folder.`);
  }
}

/**
 * For commands that change rows: opens the database of the data folder, where a server may be running on it.
 * Whatever it makes there belongs to the folder's owner.
 *
 * @param options.create makes the database where there is none yet, and says so: who forgot DATA_DIR would look
 *   for what they did in another.
 * @throws CommandError when there is none, or an earlier version's server is running on it.
 */
export async function onDatabase<T>(
  { env, say }: Terminal,
  work: (parts: Pick<App, 'config' | 'db' | 'log' | 'now'>) => Promise<T>,
  { create = false }: { create?: boolean } = {},
): Promise<T> {
  const config = readConfig(env);
  if (create) mkdirSync(config.dataDir, { recursive: true, mode: 0o700 });
  else existingDatabase(config);
  const path = databaseFile(config);
  const isNew = !existsSync(path);
  const db = openWithCare(config);
  if (isNew) say(`There was no database at ${path}; made a new one.`);
  try {
    return await work({ config, db, log: createLogger({ logLevel: 'silent' }), now: Date.now });
  } finally {
    await db.close();
  }
}

/**
 * A database that is missing, or has an earlier version's schema, is made or migrated with the folder held: a
 * server that runs on it is an earlier version's, and must not have its tables changed beneath it.
 */
function openWithCare(config: Config): Database {
  const path = databaseFile(config);
  if (isUpToDate(path)) return openDatabase(path);
  const folder = holdOrSayUpgrade(config);
  try {
    if (!existsSync(path)) makeDatabaseFile(path);
    return openDatabase(path);
  } finally {
    folder.release();
  }
}

/**
 * An empty file for a new database, which nobody but its owner can read, also in a folder that others may enter.
 * Made here and not by SQLite, which gives the files beside it to the same owner, with the same rights.
 */
export function makeDatabaseFile(path: string): void {
  closeSync(openSync(path, 'wx', 0o600));
  giveToFolderOwner(path);
}

/** @throws MigrationError when the schema is a newer version's, or another build's. */
function isUpToDate(path: string): boolean {
  if (!existsSync(path)) return false;
  const { sqlite, close } = openDatabaseToRead(path);
  try {
    return readSchemaVersion(sqlite) === migrations.length;
  } finally {
    close();
  }
}

function holdOrSayUpgrade(config: Config): ReturnType<typeof holdDataFolder> {
  try {
    return holdDataFolder(config);
  } catch (error) {
    if (!(error instanceof DataFolderInUse)) throw error;
    throw new CommandError(
      `An earlier version of the server is at work in ${config.dataDir}, and this command would change its database's schema. Stop that server and start this version, then try again.`,
    );
  }
}
