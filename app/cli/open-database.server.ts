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
 * Opens the database for a command that changes rows, while a server may be using it.
 *
 * @param options.create creates a missing database and prints where, in case DATA_DIR was forgotten.
 * @throws CommandError if there is no database, or a server of an earlier version is using it.
 */
export async function withDatabase<T>(
  { env, print }: Terminal,
  work: (context: Pick<AppContext, 'config' | 'db' | 'log' | 'now'>) => Promise<T>,
  { create = false }: { create?: boolean } = {},
): Promise<T> {
  const config = readConfig(env);
  if (create) mkdirSync(config.dataDir, { recursive: true, mode: 0o700 });
  else requireDatabaseFile(config);
  const path = databaseFile(config);
  const isNew = !existsSync(path);
  const db = createMigrateOrOpen(config);
  if (isNew) print(`There was no database at ${path}. Created a new one.`);
  try {
    return await work({ config, db, log: createLogger({ logLevel: 'silent' }), now: Date.now });
  } finally {
    await db.close();
  }
}

/**
 * Creates or migrates the database only under the data directory's lock: a running server of an earlier version must
 * not have its tables changed.
 */
function createMigrateOrOpen(config: Config): Database {
  const path = databaseFile(config);
  if (isUpToDate(path)) return openDatabase(path);
  const lock = acquireLockToMigrate(config);
  try {
    if (!existsSync(path)) createDatabaseFile(path);
    return openDatabase(path);
  } finally {
    lock.release();
  }
}

/** @throws MigrationError if the schema is from a newer version or another build. */
function isUpToDate(path: string): boolean {
  if (!existsSync(path)) return false;
  const { sqlite, close } = openDatabaseToRead(path);
  try {
    return readSchemaVersion(sqlite) === migrations.length;
  } finally {
    close();
  }
}

function acquireLockToMigrate(config: Config): ReturnType<typeof acquireDataDirLock> {
  try {
    return acquireDataDirLock(config);
  } catch (error) {
    if (!(error instanceof DataDirInUseError)) throw error;
    throw new CommandError(
      `A server of an earlier version is using the data directory ${config.dataDir}, and this command would change its database schema. Stop that server, start this version, then try again.`,
    );
  }
}
