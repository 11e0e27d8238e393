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
import { readBatches } from '~/audit/read-batches.server';
import { readHead } from '~/audit/record.server';
import { verifyChain } from '~/audit/verify-chain.server';
import { CommandError } from '~/core/command-error';
import { databaseFile } from '~/core/config.server';
import { acquireDataDirLock } from '~/data-dir/data-dir-lock.server';
import { syncFile, syncFolder } from '~/data-dir/fsync.server';
import { chownToFolderOwner } from '~/data-dir/ownership.server';
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

type Needs = Pick<AppContext, 'config' | 'now'>;

export interface Restored {
  /** The last entry that the backup had. */
  head: Head;
  /** Where the database lies that was there before; null when there was none. */
  aside: string | null;
  /** What the backup had alive, and the database before it had ended; null when that could not be read. */
  endedAgain: ReappliedCounts | null;
  /** Whether every admin of the backup has been demoted or disabled since. */
  leftWithoutAdmin: boolean;
  /** The tools whose credentials were forgotten, by slug. */
  forgotten: string[];
}

/**
 * Puts a backup in the database's place. Everything is checked on a copy first, and nothing is replaced when
 * anything is wrong: damage, another program's file, a newer version's, a schema that was tampered with, a
 * broken audit trail, credentials that the master key does not open. The database that was there is kept.
 *
 * Keys that were revoked, requests that were withdrawn, people who were shut out and admins who are none any more
 * since the backup stay so, as far as the database that is replaced still tells; every session and every open invitation of the backup ends.
 *
 * @param options.head a head that was kept elsewhere, which the backup must hold.
 * @param options.forget deletes the credentials that the master key does not open, rather than refuse.
 * @throws CommandError, DataFolderInUse or MigrationError, with nothing replaced.
 */
export async function restoreBackup(
  app: Needs,
  file: string,
  options: { head?: Head; forget?: boolean } = {},
): Promise<Restored> {
  mustBeReadable(file);
  const folder = acquireDataDirLock(app.config);
  const present = databaseFile(app.config);
  const staged = `${present}.restoring`;
  try {
    stage(file, staged);
    const ended = existsSync(present) ? readRevocations(present) : null;
    const prepared = await prepare(app, staged, ended, options);
    chownToFolderOwner(staged);
    syncFile(staged);
    const aside = existsSync(present) ? archiveDatabase(present, app.now()) : null;
    renameSync(staged, present);
    syncFolder(dirname(present));
    return { ...prepared, aside };
  } finally {
    removeDatabase(staged);
    folder.release();
  }
}

function mustBeReadable(file: string): void {
  try {
    closeSync(openSync(file, 'r'));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new CommandError(`There is no file ${file}.`);
    throw new CommandError(`The file ${file} cannot be read (${code}). Run the command as who can read it.`);
  }
  if (!statSync(file).isFile()) throw new CommandError(`${file} is no file. Name the backup itself.`);
}

/** Copies the file, and the write-ahead log of one that was copied from a folder rather than made as a backup. */
function stage(file: string, staged: string): void {
  removeDatabase(staged);
  copyFileSync(file, staged);
  chmodSync(staged, 0o600);
  if (existsSync(`${file}-wal`)) copyFileSync(`${file}-wal`, `${staged}-wal`);
}

/** Checks the copy, brings it to this version's schema and ends what must not come back to life. */
async function prepare(
  { config, now }: Needs,
  staged: string,
  ended: Revocations | null,
  { head: kept, forget = false }: { head?: Head; forget?: boolean },
): Promise<Omit<Restored, 'aside'>> {
  checkFile(staged);
  const db = openDatabase(staged);
  try {
    const difference = findSchemaDifference(db.connections.write);
    if (difference !== null) throw new CommandError(`The schema of this backup was changed. ${difference}`);
    const { seq } = await readHead(db.read);
    const verdict = await verifyChain(readBatches(db.read, seq), kept);
    if (!verdict.ok)
      throw new CommandError(`The audit trail of this backup is broken. ${verdict.fault.message}`);
    const lost = await lostCredentials({ config }, db.read);
    if (lost.length > 0 && !forget) throw new CommandError(missingKey(lost));
    const endedAgain = await reapplyRevocations({ db, now }, { head: verdict.head, ended, lost });
    const fewerAdmins = endedAgain !== null && endedAgain.admins + endedAgain.users > 0;
    const leftWithoutAdmin = fewerAdmins && (await countEnabledAdmins(db.read)) === 0;
    return { head: verdict.head, endedAgain, leftWithoutAdmin, forgotten: lost.map(({ slug }) => slug) };
  } finally {
    await db.close();
  }
}

const missingKey = (lost: SealedCredential[]): string =>
  `The master key here does not open the backup's provider credentials of ${lost.map(({ slug }) => slug).join(', ')}. Put the master key of that time back and restore again, or have those credentials deleted with --forget.`;

/** Before anything is written to it: is it a database, whole, and ours? */
function checkFile(staged: string): void {
  const { sqlite, close } = open(staged);
  try {
    const damaged = findCorruption(sqlite);
    if (damaged !== null) throw new CommandError(`This backup cannot be used. ${damaged}`);
    if (readSchemaVersion(sqlite) === null) throw new CommandError('This file is no backup of My AI Keys.');
  } finally {
    close();
  }
}

function open(staged: string): ReturnType<typeof openDatabaseToRead> {
  try {
    return openDatabaseToRead(staged);
  } catch {
    throw new CommandError('This file is no backup, or it is damaged.');
  }
}

/**
 * Keeps the database under another name, whole: its place is not empty for a moment, so that a crash cannot
 * make the next start begin with a new one.
 */
function archiveDatabase(present: string, at: number): string {
  const aside = `${present}.before-restore-${new Date(at).toISOString().replace(/[:.]/g, '-')}`;
  gather(present);
  for (const suffix of ['-wal', '-shm']) {
    if (existsSync(present + suffix)) renameSync(present + suffix, aside + suffix);
  }
  try {
    linkSync(present, aside);
  } catch {
    copyFileSync(present, aside); // a file system without links
    chownToFolderOwner(aside);
    syncFile(aside);
  }
  syncFolder(dirname(present));
  return aside;
}

/** Brings the write-ahead log into the file, which takes being alone with it. A damaged one stays as it is. */
function gather(present: string): void {
  const sqlite = new BetterSqlite3(present, { timeout: 1_000 });
  try {
    sqlite.pragma('journal_mode = DELETE');
  } catch (error) {
    if (isBusy(error)) {
      throw new CommandError(
        `Another program has ${present} open (a command of ours, or Litestream). Stop it and restore again.`,
      );
    }
  } finally {
    sqlite.close();
  }
}

function removeDatabase(path: string): void {
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(path + suffix, { force: true });
}
