import { closeSync, openSync, statSync } from 'node:fs';
import { CommandError } from '~/core/command-error';
import { type Config, databaseFile } from '~/core/config.server';
import { chownToDirectoryOwner } from './ownership.server';

/**
 * Returns the path of the database.
 *
 * @throws CommandError if there is none, or this user may not read the data directory.
 */
export function requireDatabaseFile(config: Pick<Config, 'dataDir'>): string {
  const path = databaseFile(config);
  try {
    statSync(path);
    return path;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EACCES')
      throw new CommandError(
        `This user has no access to ${config.dataDir}. Run the command as the directory's owner or as root.`,
      );
    throw new CommandError(`There is no database at ${path}. Set DATA_DIR to its directory.`);
  }
}

/**
 * Creates an empty file that only its owner can read. SQLite would create one that other users can read. It copies the
 * owner and the permissions to the files that it adds later, such as the write-ahead log.
 */
export function createDatabaseFile(path: string): void {
  closeSync(openSync(path, 'wx', 0o600));
  chownToDirectoryOwner(path);
}
