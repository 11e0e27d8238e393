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
import { launchServer, onFolder, ready } from './processes';

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

/** Everything that can prevent a start. */
export const failures: StartFailure[] = [
  {
    what: 'the data directory is below a file',
    prepare() {
      const file = join(temporaryFolder(), 'file');
      writeFileSync(file, '');
      return onFolder(join(file, 'data'));
    },
    says: /data directory|DATA_DIR/,
  },
  {
    what: 'the data directory is a file',
    prepare() {
      const file = join(temporaryFolder(), 'file');
      writeFileSync(file, '');
      return onFolder(file);
    },
    says: /data directory|DATA_DIR/,
  },
  {
    what: 'the data directory is a link to nowhere',
    prepare() {
      const link = join(temporaryFolder(), 'link');
      symlinkSync('/nowhere/at/all', link);
      return onFolder(link);
    },
    says: /data directory|DATA_DIR/,
  },
  {
    what: 'the data directory cannot be made',
    prepare() {
      const parent = temporaryFolder();
      chmodSync(parent, 0o555);
      return onFolder(join(parent, 'data'));
    },
    says: /data directory|DATA_DIR/,
    uid: NOBODY,
  },
  {
    what: 'the data directory cannot be written',
    prepare() {
      const folder = temporaryFolder();
      chmodSync(folder, 0o555);
      return onFolder(folder);
    },
    says: /data directory|DATA_DIR/,
    uid: NOBODY,
  },
  {
    what: 'the database file cannot be written',
    prepare(company) {
      const folder = copyOfCompany(company);
      chmodSync(join(folder, '..'), 0o755);
      chmodSync(folder, 0o777);
      for (const name of readdirSync(folder)) own(join(folder, name));
      chmodSync(databaseFile({ dataDir: folder }), 0o444);
      if (NOBODY !== undefined) chownSync(databaseFile({ dataDir: folder }), 0, 0);
      return onFolder(folder);
    },
    says: /DATA_DIR.*write permission/,
    uid: NOBODY,
  },
  {
    what: 'the database file is a folder',
    prepare() {
      const folder = temporaryFolder();
      mkdirSync(databaseFile({ dataDir: folder }));
      return onFolder(folder);
    },
    says: /database.*DATA_DIR/,
  },
  {
    what: 'the write-ahead log is a folder',
    prepare(company) {
      const folder = copyOfCompany(company);
      mkdirSync(`${databaseFile({ dataDir: folder })}-wal`);
      return onFolder(folder);
    },
    says: /database.*DATA_DIR/,
  },
  {
    what: 'the database file is something else',
    prepare() {
      const folder = temporaryFolder();
      writeFileSync(databaseFile({ dataDir: folder }), 'This is a shopping list. '.repeat(400));
      return onFolder(folder);
    },
    says: /damaged or not a database.*backup/,
  },
  {
    what: 'the database file is damaged where its tables are listed',
    prepare(company) {
      const folder = copyOfCompany(company);
      const file = databaseFile({ dataDir: folder });
      const bytes = readFileSync(file);
      writeFileSync(file, bytes.fill(0x5a, 100, 4_000));
      return onFolder(folder);
    },
    says: /damaged or not a database.*backup/,
  },
  {
    what: 'the database file is cut off',
    prepare(company) {
      const folder = copyOfCompany(company);
      const file = databaseFile({ dataDir: folder });
      writeFileSync(file, readFileSync(file).subarray(0, 9_000));
      return onFolder(folder);
    },
    says: /damaged or not a database.*backup/,
  },
  {
    what: 'the database was used by a newer version',
    prepare(company) {
      const folder = copyOfCompany(company);
      sql(folder, "insert into schema_migrations values (9999, '9999_future', 'x', 1)");
      return onFolder(folder);
    },
    says: /newer version.*start that version/i,
  },
  {
    what: 'the database was migrated by another build',
    prepare(company) {
      const folder = copyOfCompany(company);
      sql(folder, "update schema_migrations set hash = 'x' where position = 0");
      return onFolder(folder);
    },
    says: /another build.*Start that build/,
  },
  {
    what: 'another program holds the database',
    prepare(company) {
      const folder = copyOfCompany(company);
      const holder = new BetterSqlite3(databaseFile({ dataDir: folder }));
      holder.exec('begin immediate');
      onTestFinished(() => void holder.close());
      return onFolder(folder);
    },
    says: /another program.*database/i,
  },
  {
    what: 'another server runs on the folder',
    async prepare(company) {
      const folder = copyOfCompany(company);
      const other = launchServer(onFolder(folder));
      onTestFinished(() => void other.child.kill('SIGKILL'));
      await ready(other);
      return onFolder(folder);
    },
    says: /Another server.*Stop it first/,
  },
  {
    what: 'the port is taken',
    async prepare(company) {
      const other = createServer();
      await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
      onTestFinished(() => void other.close());
      return { ...onFolder(copyOfCompany(company)), PORT: String((other.address() as AddressInfo).port) };
    },
    says: /uses this port.*Set PORT/,
  },
  {
    what: 'the address to listen on is not this machine’s',
    prepare: (company) => ({ ...onFolder(copyOfCompany(company)), HOST: '192.0.2.1' }),
    says: /HOST/,
  },
  {
    what: 'the master key is another one',
    prepare(company) {
      const folder = copyOfCompany(company);
      writeFileSync(join(folder, 'master.key'), `${Buffer.alloc(32, 7).toString('base64')}\n`);
      return onFolder(folder);
    },
    says: /acme/,
  },
  {
    what: 'the master key in MASTER_KEY is another one',
    prepare: (company) => ({
      ...onFolder(copyOfCompany(company)),
      MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
    }),
    says: /acme/,
  },
  {
    what: 'the master key is lost',
    prepare(company) {
      const folder = copyOfCompany(company);
      rmSync(join(folder, 'master.key'));
      return onFolder(folder);
    },
    says: /acme/,
  },
  {
    what: 'the master key is cut short',
    prepare(company) {
      const folder = copyOfCompany(company);
      writeFileSync(join(folder, 'master.key'), 'c2hvcnQ=\n');
      return onFolder(folder);
    },
    says: /master\.key must contain 32 bytes/,
  },
  {
    what: 'MASTER_KEY_FILE is not there',
    prepare: (company) => ({ ...onFolder(copyOfCompany(company)), MASTER_KEY_FILE: '/nowhere/master.key' }),
    says: /\/nowhere\/master\.key/,
  },
  {
    what: 'MASTER_KEY_FILE is a folder',
    prepare: (company) => ({ ...onFolder(copyOfCompany(company)), MASTER_KEY_FILE: temporaryFolder() }),
    says: /MASTER_KEY_FILE/,
  },
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
