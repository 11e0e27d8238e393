import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  linkSync,
  openSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { type ChainVerdict, verifyStoredChain } from '~/audit/verify-chain.server';
import { CommandError } from '~/core/command-error';
import { syncDirectory, syncFile } from '~/data-dir/fsync.server';
import { openDatabaseToRead } from '~db/sqlite/connection.server';
import { findCorruption } from '~db/sqlite/integrity.server';
import { migrations, readSchemaVersion } from '~db/sqlite/migrate.server';

/** SQLite's highest page number. */
const ALL_PAGES = 0x7fffffff;

/**
 * Copies the database into one file while servers and commands continue to read and write it. The backup contains
 * everything committed before the call. The copy is checked before it gets its name.
 *
 * @returns the size, and the audit trail's verdict: null for an earlier version's schema. A broken trail is backed up
 *   too, as evidence.
 * @throws CommandError if the file exists or the database is damaged.
 */
export async function makeBackup(
  databasePath: string,
  target: string,
): Promise<{ bytes: number; trail: ChainVerdict | null }> {
  if (existsSync(target)) throw fileExistsError(target);
  if (!existsSync(dirname(target))) throw new CommandError(`The directory ${dirname(target)} doesn't exist.`);
  const partialFile = createPartialFile(target);
  try {
    await copyDatabase(databasePath, partialFile);
    const trail = await checkCopy(partialFile);
    syncFile(partialFile);
    moveToTarget(partialFile, target);
    syncDirectory(dirname(target));
    return { bytes: statSync(target).size, trail };
  } finally {
    rmSync(partialFile, { force: true });
  }
}

/** Not left to SQLite, whose file other users could read. */
function createPartialFile(target: string): string {
  const path = `${target}.${randomBytes(4).toString('hex')}.part`;
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    throw new CommandError(
      `Can't create a file in ${dirname(target)} (${(error as NodeJS.ErrnoException).code}). Name a directory that this user can write to and that has enough space.`,
    );
  }
  return path;
}

const fileExistsError = (target: string) =>
  new CommandError(`${target} already exists. A backup never replaces a file.`);

/** Fails if the target exists, which a rename would replace. */
function moveToTarget(partialFile: string, target: string): void {
  try {
    linkSync(partialFile, target);
  } catch (error) {
    if (isExistsError(error)) throw fileExistsError(target);
    copyToTarget(partialFile, target); // the file system has no hard links
  }
}

function copyToTarget(partialFile: string, target: string): void {
  try {
    copyFileSync(partialFile, target, constants.COPYFILE_EXCL);
    syncFile(target);
  } catch (error) {
    if (isExistsError(error)) throw fileExistsError(target);
    rmSync(target, { force: true }); // our own incomplete copy
    throw error;
  }
}

const isExistsError = (error: unknown) =>
  error instanceof Error && 'code' in error && error.code === 'EEXIST';

/** Copies all pages in one step. SQLite restarts a backup of several steps after each write in between. */
async function copyDatabase(from: string, to: string): Promise<void> {
  const source = openDatabaseToRead(from);
  try {
    await source.sqlite.backup(to, { progress: () => ALL_PAGES });
  } finally {
    source.close();
  }
  const copy = new BetterSqlite3(to);
  copy.pragma('journal_mode = DELETE'); // one file, without a write-ahead log
  copy.close();
}

/** Returns the audit trail's verdict; null for an earlier version's schema. */
async function checkCopy(path: string): Promise<ChainVerdict | null> {
  const { read, sqlite, close } = openDatabaseToRead(path);
  try {
    const corruption = findCorruption(sqlite);
    if (corruption !== null) throw new CommandError(`No backup was made. ${corruption}`);
    if (readSchemaVersion(sqlite) !== migrations.length) return null;
    return await verifyStoredChain(read);
  } finally {
    close();
  }
}
