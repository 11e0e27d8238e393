import {
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  linkSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import type { AppContext } from '~/app-context.server';
import type { Head } from '~/audit/audit.schema';
import { verifyStoredChain } from '~/audit/verify-chain.server';
import { CommandError } from '~/core/command-error';
import { databaseFile } from '~/core/config.server';
import { acquireDataDirLock } from '~/data-dir/data-dir-lock.server';
import { syncDirectory, syncFile } from '~/data-dir/fsync.server';
import { chownToDirectoryOwner } from '~/data-dir/ownership.server';
import { lostCredentials, type SealedCredential } from '~/master-key/master-key.server';
import { countEnabledAdmins } from '~/users/count-admins.server';
import { isBusy, openDatabase, openDatabaseToRead } from '~db/sqlite/connection.server';
import { findCorruption, findSchemaDifference } from '~db/sqlite/integrity.server';
import { readSchemaVersion } from '~db/sqlite/migrate.server';
import {
  type ReappliedCounts,
  type Revocations,
  readRevocations,
  reapplyRevocations,
} from './reapply-revocations.server';

type RestoreContext = Pick<AppContext, 'config' | 'now'>;

interface RestoreOptions {
  /** A saved chain head that the backup must contain. */
  head?: Head;
  /** Delete the credentials that the master key can't decrypt, instead of failing. */
  forget?: boolean;
}

export interface RestoreResult {
  /** The last audit entry of the backup. */
  head: Head;
  /** Where the replaced database was moved; null if there was none. */
  archivedAs: string | null;
  /** Access of the backup that was revoked again; null if the replaced database could not be read. */
  reapplied: ReappliedCounts | null;
  /** True if all admins of the backup have been demoted or disabled since. */
  leftWithoutAdmin: boolean;
  /** Slugs of the tools whose credentials were deleted. */
  forgotten: string[];
}

/**
 * Replaces the database with a backup. A copy is checked first, and nothing is replaced if the backup is damaged, not
 * ours, from a newer version, has a changed schema or a broken audit trail, or has credentials that the master key
 * can't decrypt. The replaced database is kept. See `Revocations` for what survives the restore.
 *
 * @throws CommandError, DataDirInUseError or MigrationError; then nothing was replaced.
 */
export async function restoreBackup(
  context: RestoreContext,
  file: string,
  options: RestoreOptions = {},
): Promise<RestoreResult> {
  assertReadable(file);
  const lock = acquireDataDirLock(context.config);
  const database = databaseFile(context.config);
  const staged = `${database}.restoring`;
  try {
    stage(file, staged);
    const revocations = existsSync(database) ? readRevocations(database) : null;
    const result = await prepare(context, staged, revocations, options);
    chownToDirectoryOwner(staged);
    syncFile(staged);
    const archivedAs = existsSync(database) ? archiveDatabase(database, context.now()) : null;
    renameSync(staged, database);
    syncDirectory(dirname(database));
    return { ...result, archivedAs };
  } finally {
    removeDatabase(staged);
    lock.release();
  }
}

function assertReadable(file: string): void {
  try {
    closeSync(openSync(file, 'r'));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new CommandError(`There is no file ${file}.`);
    throw new CommandError(`Can't read ${file} (${code}). Run the command as a user who can read it.`);
  }
  if (!statSync(file).isFile()) throw new CommandError(`${file} isn't a file. Name the backup file.`);
}

/** Copies the backup, and its write-ahead log if someone copied a database with `cp`. */
function stage(file: string, staged: string): void {
  removeDatabase(staged);
  copyFileSync(file, staged);
  chmodSync(staged, 0o600);
  if (existsSync(`${file}-wal`)) copyFileSync(`${file}-wal`, `${staged}-wal`);
}

/** Checks the copy, migrates it to this version's schema, and reapplies the revocations. */
async function prepare(
  { config, now }: RestoreContext,
  staged: string,
  revocations: Revocations | null,
  { head: savedHead, forget = false }: RestoreOptions,
): Promise<Omit<RestoreResult, 'archivedAs'>> {
  checkFile(staged);
  const db = openDatabase(staged);
  try {
    const difference = findSchemaDifference(db.connections.write);
    if (difference !== null) throw new CommandError(`The schema of this backup was changed. ${difference}`);
    const verdict = await verifyStoredChain(db.read, savedHead);
    if (!verdict.ok)
      throw new CommandError(`The audit trail of this backup is broken. ${verdict.fault.message}`);
    const { head } = verdict;
    const undecryptable = await lostCredentials({ config }, db.read);
    if (undecryptable.length > 0 && !forget) throw wrongMasterKeyError(undecryptable);
    const reapplied = await reapplyRevocations({ db, now }, { head, revocations, undecryptable });
    const hasFewerAdmins = reapplied !== null && reapplied.admins + reapplied.users > 0;
    const leftWithoutAdmin = hasFewerAdmins && (await countEnabledAdmins(db.read)) === 0;
    return { head, reapplied, leftWithoutAdmin, forgotten: undecryptable.map(({ slug }) => slug) };
  } finally {
    await db.close();
  }
}

const wrongMasterKeyError = (credentials: SealedCredential[]) =>
  new CommandError(
    `The master key can't decrypt the backup's credentials of ${credentials.map(({ slug }) => slug).join(', ')}. Put back the master key from the time of the backup and restore again, or delete those credentials with --forget.`,
  );

/** Before anything writes to the copy: is it an intact database of this server? */
function checkFile(staged: string): void {
  const { sqlite, close } = open(staged);
  try {
    const corruption = findCorruption(sqlite);
    if (corruption !== null) throw new CommandError(`This backup can't be used. ${corruption}`);
    if (readSchemaVersion(sqlite) === null) throw new CommandError("This file isn't a backup of My AI Keys.");
  } finally {
    close();
  }
}

function open(staged: string): ReturnType<typeof openDatabaseToRead> {
  try {
    return openDatabaseToRead(staged);
  } catch {
    throw new CommandError("This file isn't a backup, or it is damaged.");
  }
}

/**
 * Keeps the whole database under a second name. It stays in its place until the restored one replaces it, so that a
 * crash in between can't make the next start create an empty database.
 */
function archiveDatabase(database: string, at: number): string {
  const archive = `${database}.before-restore-${new Date(at).toISOString().replace(/[:.]/g, '-')}`;
  checkpoint(database);
  for (const suffix of ['-wal', '-shm']) {
    if (existsSync(database + suffix)) renameSync(database + suffix, archive + suffix);
  }
  try {
    linkSync(database, archive);
  } catch {
    copyFileSync(database, archive); // the file system has no hard links
    chownToDirectoryOwner(archive);
    syncFile(archive);
  }
  syncDirectory(dirname(database));
  return archive;
}

/** Moves the write-ahead log into the database file, which needs exclusive access. A damaged database stays as it is. */
function checkpoint(database: string): void {
  const sqlite = new BetterSqlite3(database, { timeout: 1_000 });
  try {
    sqlite.pragma('journal_mode = DELETE');
  } catch (error) {
    if (isBusy(error)) {
      throw new CommandError(
        `Another program, such as Litestream or another command, has ${database} open. Stop it and restore again.`,
      );
    }
  } finally {
    sqlite.close();
  }
}

function removeDatabase(path: string): void {
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(path + suffix, { force: true });
}
