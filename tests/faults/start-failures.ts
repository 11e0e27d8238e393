import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { onTestFinished } from 'vitest';
import { databaseFile } from '~/core/config.server';
import { temporaryFolder } from '../helpers/app';
import type { Company } from '../helpers/company';
import { ready } from '../helpers/server';
import { launchServer, onFolder } from './processes';

/** Permissions don't stop root: where a file must not be writable, the server runs as this user. */
const NOBODY = process.getuid?.() === 0 ? 65_534 : undefined;

/** The company's data directory, as the user that the server runs as would have it. */
function copyOfCompany(company: Company): string {
  const folder = join(temporaryFolder(), 'data');
  cpSync(company.dataDir, folder, { recursive: true });
  return folder;
}

function own(...paths: string[]): void {
  for (const path of paths) if (NOBODY !== undefined) chownSync(path, NOBODY, NOBODY);
}

function sql(dataDir: string, statement: string): void {
  const sqlite = new BetterSqlite3(databaseFile({ dataDir }));
  sqlite.exec(statement);
  sqlite.pragma('wal_checkpoint(truncate)');
  sqlite.close();
}

export interface StartFailure {
  what: string;
  /** Prepares the failure; returns the settings to start with. */
  prepare(company: Company): Promise<Record<string, string>> | Record<string, string>;
  /** What the message must contain. */
  says: RegExp;
  uid?: number;
}

const DATA_DIR = /data directory|DATA_DIR/;
const NOT_A_DATABASE = /damaged or not a database.*backup/;
const OTHER_KEY = Buffer.alloc(32, 7).toString('base64');

/** A start that fails on an empty folder after `prepare`, which may return another folder to start on. */
const onEmpty = (
  what: string,
  says: RegExp,
  prepare: (folder: string) => unknown,
  uid?: number,
): StartFailure => ({
  what,
  says,
  uid,
  prepare() {
    const folder = temporaryFolder();
    const other = prepare(folder);
    return onFolder(typeof other === 'string' ? other : folder);
  },
});

/** A start that fails on a copy of the company after `prepare`, which may return further settings. */
const onCopy = (
  what: string,
  says: RegExp,
  prepare: (folder: string, database: string) => unknown,
  uid?: number,
): StartFailure => ({
  what,
  says,
  uid,
  async prepare(company) {
    const folder = copyOfCompany(company);
    const settings = await prepare(folder, databaseFile({ dataDir: folder }));
    return { ...onFolder(folder), ...(settings ?? {}) };
  },
});

/** Everything that can prevent a start. */
export const failures: StartFailure[] = [
  onEmpty('the data directory is below a file', DATA_DIR, (folder) => {
    writeFileSync(join(folder, 'file'), '');
    return join(folder, 'file', 'data');
  }),
  onEmpty('the data directory is a file', DATA_DIR, (folder) => {
    writeFileSync(join(folder, 'file'), '');
    return join(folder, 'file');
  }),
  onEmpty('the data directory is a link to nowhere', DATA_DIR, (folder) => {
    symlinkSync('/nowhere/at/all', join(folder, 'link'));
    return join(folder, 'link');
  }),
  onEmpty(
    'the data directory cannot be made',
    DATA_DIR,
    (folder) => {
      chmodSync(folder, 0o555);
      return join(folder, 'data');
    },
    NOBODY,
  ),
  onEmpty('the data directory cannot be written', DATA_DIR, (folder) => chmodSync(folder, 0o555), NOBODY),
  onCopy(
    'the database file cannot be written',
    /DATA_DIR.*write permission/,
    (folder, database) => {
      chmodSync(join(folder, '..'), 0o755);
      chmodSync(folder, 0o777);
      for (const name of readdirSync(folder)) own(join(folder, name));
      chmodSync(database, 0o444);
      if (NOBODY !== undefined) chownSync(database, 0, 0);
    },
    NOBODY,
  ),
  onEmpty('the database file is a folder', /database.*DATA_DIR/, (dataDir) =>
    mkdirSync(databaseFile({ dataDir })),
  ),
  onCopy('the write-ahead log is a folder', /database.*DATA_DIR/, (_, database) =>
    mkdirSync(`${database}-wal`),
  ),
  onEmpty('the database file is something else', NOT_A_DATABASE, (dataDir) =>
    writeFileSync(databaseFile({ dataDir }), 'This is a shopping list. '.repeat(400)),
  ),
  onCopy('the database file is damaged where its tables are listed', NOT_A_DATABASE, (_, database) =>
    writeFileSync(database, readFileSync(database).fill(0x5a, 100, 4_000)),
  ),
  onCopy('the database file is cut off', NOT_A_DATABASE, (_, database) =>
    writeFileSync(database, readFileSync(database).subarray(0, 9_000)),
  ),
  onCopy('the database was used by a newer version', /newer version.*start that version/i, (folder) =>
    sql(folder, "insert into schema_migrations values (9999, '9999_future', 'x', 1)"),
  ),
  onCopy('the database was migrated by another build', /another build.*Start that build/, (folder) =>
    sql(folder, "update schema_migrations set hash = 'x' where position = 0"),
  ),
  onCopy('another program holds the database', /another program.*database/i, (_, database) => {
    const holder = new BetterSqlite3(database);
    holder.exec('begin immediate');
    onTestFinished(() => void holder.close());
  }),
  onCopy('another server runs on the folder', /Another server.*Stop it first/, async (folder) => {
    const other = launchServer(onFolder(folder));
    onTestFinished(() => void other.child.kill('SIGKILL'));
    await ready(other);
  }),
  onCopy('the port is taken', /uses this port.*Set PORT/, async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void other.close());
    return { PORT: String((other.address() as AddressInfo).port) };
  }),
  onCopy('the address to listen on is not this machine’s', /HOST/, () => ({ HOST: '192.0.2.1' })),
  onCopy('the master key is another one', /acme/, (folder) =>
    writeFileSync(join(folder, 'master.key'), `${OTHER_KEY}\n`),
  ),
  onCopy('the master key in MASTER_KEY is another one', /acme/, () => ({ MASTER_KEY: OTHER_KEY })),
  onCopy('the master key is lost', /acme/, (folder) => rmSync(join(folder, 'master.key'))),
  onCopy('the master key is cut short', /master\.key must contain 32 bytes/, (folder) =>
    writeFileSync(join(folder, 'master.key'), 'c2hvcnQ=\n'),
  ),
  onCopy('MASTER_KEY_FILE is not there', /\/nowhere\/master\.key/, () => ({
    MASTER_KEY_FILE: '/nowhere/master.key',
  })),
  onCopy('MASTER_KEY_FILE is a folder', /MASTER_KEY_FILE/, () => ({ MASTER_KEY_FILE: temporaryFolder() })),
];

/** Mounts a tmpfs and fills it; null when this process isn't permitted to. */
function mount(options: string, fill: (folder: string) => void): string | null {
  const folder = temporaryFolder();
  if (NOBODY === undefined) return null;
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder]).status !== 0) return null;
  onTestFinished(() => void spawnSync('umount', ['-l', folder]));
  fill(folder);
  return folder;
}

export const mountFailures: StartFailure[] = [
  {
    what: 'the disk is full',
    prepare: () => onFolder(mount('size=48k', () => undefined) ?? ''),
    says: /disk is full.*space/,
  },
  {
    what: 'the file system is read-only',
    prepare(company) {
      const folder = mount('size=8m', (path) => cpSync(company.dataDir, path, { recursive: true }));
      spawnSync('mount', ['-o', 'remount,ro', folder ?? '']);
      return onFolder(folder ?? '');
    },
    says: /DATA_DIR.*write permission|read-only/,
  },
];

/** Whether this process may mount file systems. */
export const mayMount = (): boolean => mount('size=1m', () => undefined) !== null;
