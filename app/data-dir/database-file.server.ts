import { closeSync, openSync, statSync } from 'node:fs';
import { CommandError } from '~/core/command-error';
import { type Config, databaseFile } from '~/core/config.server';
import { chownToFolderOwner } from './ownership.server';

/**
 * Where the database is, for a command that needs one.
 *
 * @throws CommandError when there is none, or this user cannot see whether there is.
 */
export function requireDatabaseFile(config: Pick<Config, 'dataDir'>): string {
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
 * An empty file for a new database, which nobody but its owner can read, also in a folder that others may enter.
 * Made here and not by SQLite, which gives the files beside it to the same owner, with the same rights.
 */
export function createDatabaseFile(path: string): void {
  closeSync(openSync(path, 'wx', 0o600));
  chownToFolderOwner(path);
}
