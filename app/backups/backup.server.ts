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
import { readBatches } from '~/audit/read-batches.server';
import { readHead } from '~/audit/record.server';
import { type ChainVerdict, verifyChain } from '~/audit/verify-chain.server';
import { CommandError } from '~/core/command-error';
import { syncFile, syncFolder } from '~/data-dir/fsync.server';
import { openDatabaseToRead } from '~db/sqlite/connection.server';
import { findCorruption } from '~db/sqlite/integrity.server';
import { migrations, readSchemaVersion } from '~db/sqlite/migrate.server';

/** More pages than any database has. */
const ALL_PAGES = 0x7fffffff;

/**
 * Copies the database into one file, while servers and commands go on reading and writing it: everything
 * that was acknowledged before this began is in it. What was copied is read back and checked, and only then
 * has the file its name.
 *
 * @returns what its audit trail is like, too: a trail that somebody broke is worth keeping as it is.
 * @throws CommandError when there is a file of that name, or the database is damaged.
 */
export async function makeBackup(
  databasePath: string,
  target: string,
): Promise<{ bytes: number; trail: ChainVerdict | null }> {
  if (existsSync(target)) throw isThere(target);
  if (!existsSync(dirname(target))) throw new CommandError(`There is no folder ${dirname(target)}.`);
  const part = makePart(target);
  try {
    await copy(databasePath, part);
    const trail = await inspect(part);
    syncFile(part);
    name(part, target);
    syncFolder(dirname(target));
    return { bytes: statSync(target).size, trail };
  } finally {
    rmSync(part, { force: true });
  }
}

/** The file to copy to. Made here and not by SQLite, so that nobody else can ever read it. */
function makePart(target: string): string {
  const part = `${target}.${randomBytes(4).toString('hex')}.part`;
  try {
    closeSync(openSync(part, 'wx', 0o600));
  } catch (error) {
    throw new CommandError(
      `No file can be made in ${dirname(target)} (${(error as NodeJS.ErrnoException).code}). Name a folder that this user has the right to write, with room in it.`,
    );
  }
  return part;
}

const isThere = (target: string) =>
  new CommandError(`${target} is there already. A backup never takes the place of another.`);

/** Gives the finished backup its name, unless somebody else has it by now. */
function name(part: string, target: string): void {
  try {
    linkSync(part, target);
  } catch (error) {
    if (isTaken(error)) throw isThere(target);
    copyToName(part, target); // a file system without links
  }
}

function copyToName(part: string, target: string): void {
  try {
    copyFileSync(part, target, constants.COPYFILE_EXCL);
    syncFile(target);
  } catch (error) {
    if (isTaken(error)) throw isThere(target);
    rmSync(target, { force: true }); // ours, and not whole
    throw error;
  }
}

const isTaken = (error: unknown) => error instanceof Error && 'code' in error && error.code === 'EEXIST';

/** In one step, which reads one state of the database; in several, every write in between starts it anew. */
async function copy(from: string, to: string): Promise<void> {
  const source = openDatabaseToRead(from);
  try {
    await source.sqlite.backup(to, { progress: () => ALL_PAGES });
  } finally {
    source.close();
  }
  const copied = new BetterSqlite3(to);
  copied.pragma('journal_mode = DELETE'); // one file, with no log beside it
  copied.close();
}

/** Reads it as a restore will. Answers what the audit trail is like; null for an earlier version's schema. */
async function inspect(path: string): Promise<ChainVerdict | null> {
  const { read, sqlite, close } = openDatabaseToRead(path);
  try {
    const damaged = findCorruption(sqlite);
    if (damaged !== null) throw new CommandError(`No backup was made. ${damaged}`);
    if (readSchemaVersion(sqlite) !== migrations.length) return null;
    const { seq } = await readHead(read);
    return await verifyChain(readBatches(read, seq));
  } finally {
    close();
  }
}
