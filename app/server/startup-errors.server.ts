import { ConfigError } from '~/core/config.server';
import { DataDirInUseError } from '~/data-dir/data-dir-lock.server';
import { MasterKeyError } from '~/master-key/master-key-files.server';
import { MigrationError } from '~db/sqlite/migrate.server';

/** Their messages are such sentences already. */
const KNOWN_ERRORS = [ConfigError, DataDirInUseError, MasterKeyError, MigrationError];

/** What the system says when something at the start is not as it must be, by Node's and SQLite's codes. */
const MESSAGES_BY_CODE: Record<string, string> = {
  EADDRINUSE: 'The port is taken by another program. Set PORT to a free one.',
  EADDRNOTAVAIL:
    'HOST is no address of this machine. Set it to one of its own, such as 127.0.0.1, or to 0.0.0.0 for all of them.',
  ENOTFOUND: 'HOST is a name that leads nowhere. Set it to an address of this machine, such as 127.0.0.1.',
  ENOSPC: 'The disk is full. Make room and try again.',
  EROFS:
    'The data folder is on a read-only file system. Set DATA_DIR to a folder that this user has the right to write.',
  SQLITE_FULL: 'The disk is full. Make room and try again.',
  SQLITE_READONLY:
    'The database in DATA_DIR cannot be written. Give this user the right to write the folder and every file in it.',
  SQLITE_CANTOPEN:
    'The database in DATA_DIR cannot be written. Give this user the right to write the folder and every file in it.',
  SQLITE_NOTADB: 'The database in DATA_DIR is damaged or not a database. Restore a backup.',
  SQLITE_CORRUPT: 'The database in DATA_DIR is damaged or not a database. Restore a backup.',
  SQLITE_BUSY: 'Another program holds the database in DATA_DIR. Stop it and start again.',
  SQLITE_IOERR:
    'The disk under DATA_DIR fails to read or write. Look after it, and restore a backup if need be.',
};

/** A sentence for the person who starts the server, where the cause is theirs to mend; null for a bug. */
export function describeStartupError(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  if (KNOWN_ERRORS.some((kind) => error instanceof kind)) return error.message;
  const { code = '', syscall, path } = error as NodeJS.ErrnoException;
  if (syscall === 'mkdir' && code !== 'ENOSPC' && code !== 'EROFS')
    return `The data folder ${path} cannot be made (${code}). Set DATA_DIR to a folder that this user has the right to write.`;
  if (code === 'EACCES')
    return syscall === 'listen'
      ? 'This user may not listen on that port. Set PORT to one from 1024 on.'
      : `This user has no right to ${path}. Give it that right, or set DATA_DIR to another folder.`;
  // SQLite adds to its codes what it was at: SQLITE_IOERR_WRITE, SQLITE_BUSY_RECOVERY.
  const [family] = /^SQLITE_[A-Z]+/.exec(code) ?? [code];
  return MESSAGES_BY_CODE[code] ?? MESSAGES_BY_CODE[family] ?? null;
}
