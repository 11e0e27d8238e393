import { existsSync, mkdirSync } from 'node:fs';
import type { AppContext } from '~/app-context.server';
import { CommandError } from '~/core/command-error';
import { type Config, databaseFile, readConfig } from '~/core/config.server';
import { createLogger } from '~/core/logger.server';
import { acquireDataDirLock, DataDirInUseError } from '~/data-dir/data-dir-lock.server';
import { createDatabaseFile, requireDatabaseFile } from '~/data-dir/database-file.server';
import type { Database } from '~db/database';
import { openDatabase, openDatabaseToRead } from '~db/sqlite/connection.server';
import { migrations, readSchemaVersion } from '~db/sqlite/migrate.server';
import type { Terminal } from './command.server';

/**
 * For commands that change rows: opens the database of the data folder, where a server may be running on it.
 * Whatever it makes there belongs to the folder's owner.
 *
 * @param options.create makes the database where there is none yet, and says so: who forgot DATA_DIR would look
 *   for what they did in another.
 * @throws CommandError when there is none, or an earlier version's server is running on it.
 */
export async function withDatabase<T>(
  { env, print }: Terminal,
  work: (parts: Pick<AppContext, 'config' | 'db' | 'log' | 'now'>) => Promise<T>,
  { create = false }: { create?: boolean } = {},
): Promise<T> {
  const config = readConfig(env);
  if (create) mkdirSync(config.dataDir, { recursive: true, mode: 0o700 });
  else requireDatabaseFile(config);
  const path = databaseFile(config);
  const isNew = !existsSync(path);
  const db = openWithCare(config);
  if (isNew) print(`There was no database at ${path}; made a new one.`);
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
    if (!existsSync(path)) createDatabaseFile(path);
    return openDatabase(path);
  } finally {
    folder.release();
  }
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

function holdOrSayUpgrade(config: Config): ReturnType<typeof acquireDataDirLock> {
  try {
    return acquireDataDirLock(config);
  } catch (error) {
    if (!(error instanceof DataDirInUseError)) throw error;
    throw new CommandError(
      `An earlier version of the server is at work in ${config.dataDir}, and this command would change its database's schema. Stop that server and start this version, then try again.`,
    );
  }
}
