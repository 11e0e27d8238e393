import { ConfigError } from '~/core/config.server';
import { DataDirInUseError } from '~/data-dir/data-dir-lock.server';
import { MasterKeyError } from '~/master-key/master-key-files.server';
import { MigrationError } from '~db/sqlite/migrate.server';

/** Errors whose message is already a sentence for the operator. */
const KNOWN_ERRORS = [ConfigError, DataDirInUseError, MasterKeyError, MigrationError];

/** Messages by Node's and SQLite's error codes. */
const MESSAGES_BY_CODE: Record<string, string> = {
  EADDRINUSE: 'Another program uses this port. Set PORT to a free one.',
  EADDRNOTAVAIL:
    'HOST is not an address of this machine. Set it to one, such as 127.0.0.1, or to 0.0.0.0 for all.',
  ENOTFOUND: "The name in HOST can't be resolved. Set it to an address of this machine, such as 127.0.0.1.",
  ENOSPC: 'The disk is full. Free some space and try again.',
  EROFS:
    'The data directory is on a read-only file system. Set DATA_DIR to a directory that this user can write to.',
  SQLITE_FULL: 'The disk is full. Free some space and try again.',
  SQLITE_READONLY:
    'The database in DATA_DIR is not writable. Give this user write permission for the directory and its files.',
  SQLITE_CANTOPEN:
    'The database in DATA_DIR is not writable. Give this user write permission for the directory and its files.',
  SQLITE_NOTADB: 'The database in DATA_DIR is damaged or not a database. Restore a backup.',
  SQLITE_CORRUPT: 'The database in DATA_DIR is damaged or not a database. Restore a backup.',
  SQLITE_BUSY: 'Another program has locked the database in DATA_DIR. Stop it and try again.',
  SQLITE_IOERR:
    'Reading or writing the disk of DATA_DIR failed. Check the disk, and restore a backup if necessary.',
};

/** A sentence for the operator if they can fix the cause; null for a bug. */
export function describeStartupError(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  if (KNOWN_ERRORS.some((kind) => error instanceof kind)) return error.message;
  const { code = '', syscall, path } = error as NodeJS.ErrnoException;
  if (syscall === 'mkdir' && code !== 'ENOSPC' && code !== 'EROFS')
    return `The data directory ${path} can't be created (${code}). Set DATA_DIR to a directory that this user can write to.`;
  if (code === 'EACCES')
    return syscall === 'listen'
      ? 'This user is not allowed to listen on this port. Set PORT to 1024 or higher.'
      : `This user has no access to ${path}. Grant access, or set DATA_DIR to another directory.`;
  // SQLite's extended codes add the operation: SQLITE_IOERR_WRITE, SQLITE_BUSY_RECOVERY.
  const [family] = /^SQLITE_[A-Z]+/.exec(code) ?? [code];
  return MESSAGES_BY_CODE[code] ?? MESSAGES_BY_CODE[family] ?? null;
}
