import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { databaseFile } from '~/config.server';
import { type Company, foundCompany } from '../trpc/company';
import { launchServer, onFolder, ready, temporaryFolder } from './processes';
import { counted, limit, teller } from './report';

let company: Company;

beforeAll(async () => {
  company = await foundCompany();
}, 60_000);

afterAll(() => company.remove());

/** Root is let in everywhere; what must not be written is tried as somebody else. */
const NOBODY = process.getuid?.() === 0 ? 65_534 : undefined;

/** The company's data folder, as the user that the server runs as would have it. */
function copyOfCompany(): string {
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

interface Failure {
  what: string;
  /** Brings it about; answers the settings to start with. */
  prepare(): Promise<Record<string, string>> | Record<string, string>;
  /** What the sentence must name. */
  says: RegExp;
  uid?: number;
}

const failures: Failure[] = [
  {
    what: 'the data folder is below a file',
    prepare() {
      const file = join(temporaryFolder(), 'file');
      writeFileSync(file, '');
      return onFolder(join(file, 'data'));
    },
    says: /data folder|DATA_DIR/,
  },
  {
    what: 'the data folder is a file',
    prepare() {
      const file = join(temporaryFolder(), 'file');
      writeFileSync(file, '');
      return onFolder(file);
    },
    says: /data folder|DATA_DIR/,
  },
  {
    what: 'the data folder is a link to nowhere',
    prepare() {
      const link = join(temporaryFolder(), 'link');
      symlinkSync('/nowhere/at/all', link);
      return onFolder(link);
    },
    says: /data folder|DATA_DIR/,
  },
  {
    what: 'the data folder cannot be made',
    prepare() {
      const parent = temporaryFolder();
      chmodSync(parent, 0o555);
      return onFolder(join(parent, 'data'));
    },
    says: /data folder|DATA_DIR/,
    uid: NOBODY,
  },
  {
    what: 'the data folder cannot be written',
    prepare() {
      const folder = temporaryFolder();
      chmodSync(folder, 0o555);
      return onFolder(folder);
    },
    says: /data folder|DATA_DIR/,
    uid: NOBODY,
  },
  {
    what: 'the database file cannot be written',
    prepare() {
      const folder = copyOfCompany();
      chmodSync(join(folder, '..'), 0o755);
      chmodSync(folder, 0o777);
      for (const name of readdirSync(folder)) own(join(folder, name));
      chmodSync(databaseFile({ dataDir: folder }), 0o444);
      if (NOBODY !== undefined) chownSync(databaseFile({ dataDir: folder }), 0, 0);
      return onFolder(folder);
    },
    says: /DATA_DIR.*right to write/,
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
    prepare() {
      const folder = copyOfCompany();
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
    prepare() {
      const folder = copyOfCompany();
      const file = databaseFile({ dataDir: folder });
      const bytes = readFileSync(file);
      writeFileSync(file, bytes.fill(0x5a, 100, 4_000));
      return onFolder(folder);
    },
    says: /damaged or not a database.*backup/,
  },
  {
    what: 'the database file is cut off',
    prepare() {
      const folder = copyOfCompany();
      const file = databaseFile({ dataDir: folder });
      writeFileSync(file, readFileSync(file).subarray(0, 9_000));
      return onFolder(folder);
    },
    says: /damaged or not a database.*backup/,
  },
  {
    what: 'the database was used by a newer version',
    prepare() {
      const folder = copyOfCompany();
      sql(folder, "insert into schema_migrations values (9999, '9999_future', 'x', 1)");
      return onFolder(folder);
    },
    says: /newer version.*start that version/i,
  },
  {
    what: 'the database was migrated by another build',
    prepare() {
      const folder = copyOfCompany();
      sql(folder, "update schema_migrations set hash = 'x' where position = 0");
      return onFolder(folder);
    },
    says: /another build.*Start that build/,
  },
  {
    what: 'another program holds the database',
    prepare() {
      const folder = copyOfCompany();
      const holder = new BetterSqlite3(databaseFile({ dataDir: folder }));
      holder.exec('begin immediate');
      onTestFinished(() => void holder.close());
      return onFolder(folder);
    },
    says: /another program.*database/i,
  },
  {
    what: 'another server runs on the folder',
    async prepare() {
      const folder = copyOfCompany();
      const other = launchServer(onFolder(folder));
      onTestFinished(() => void other.child.kill('SIGKILL'));
      await ready(other);
      return onFolder(folder);
    },
    says: /Another server.*Stop it first/,
  },
  {
    what: 'the port is taken',
    async prepare() {
      const other = createServer();
      await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
      onTestFinished(() => void other.close());
      return { ...onFolder(copyOfCompany()), PORT: String((other.address() as AddressInfo).port) };
    },
    says: /port is taken.*Set PORT/,
  },
  {
    what: 'the address to listen on is not this machine’s',
    prepare: () => ({ ...onFolder(copyOfCompany()), HOST: '192.0.2.1' }),
    says: /HOST/,
  },
  {
    what: 'the master key is another one',
    prepare() {
      const folder = copyOfCompany();
      writeFileSync(join(folder, 'master.key'), `${Buffer.alloc(32, 7).toString('base64')}\n`);
      return onFolder(folder);
    },
    says: /acme/,
  },
  {
    what: 'the master key in MASTER_KEY is another one',
    prepare: () => ({ ...onFolder(copyOfCompany()), MASTER_KEY: Buffer.alloc(32, 7).toString('base64') }),
    says: /acme/,
  },
  {
    what: 'the master key is lost',
    prepare() {
      const folder = copyOfCompany();
      rmSync(join(folder, 'master.key'));
      return onFolder(folder);
    },
    says: /acme/,
  },
  {
    what: 'the master key is cut short',
    prepare() {
      const folder = copyOfCompany();
      writeFileSync(join(folder, 'master.key'), 'c2hvcnQ=\n');
      return onFolder(folder);
    },
    says: /master\.key must hold 32 bytes/,
  },
  {
    what: 'MASTER_KEY_FILE is not there',
    prepare: () => ({ ...onFolder(copyOfCompany()), MASTER_KEY_FILE: '/nowhere/master.key' }),
    says: /\/nowhere\/master\.key/,
  },
  {
    what: 'MASTER_KEY_FILE is a folder',
    prepare: () => ({ ...onFolder(copyOfCompany()), MASTER_KEY_FILE: temporaryFolder() }),
    says: /MASTER_KEY_FILE/,
  },
];

/** File systems of their own, for whoever may mount them: full, and read-only. */
function mounted(options: string, fill: (folder: string) => void): string | null {
  const folder = temporaryFolder();
  if (NOBODY === undefined) return null;
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder]).status !== 0) return null;
  onTestFinished(() => void spawnSync('umount', ['-l', folder]));
  fill(folder);
  return folder;
}

const mountFailures: Failure[] = [
  {
    what: 'the disk is full',
    prepare: () => onFolder(mounted('size=48k', () => undefined) ?? ''),
    says: /disk is full.*room/,
  },
  {
    what: 'the file system is read-only',
    prepare() {
      const folder = mounted('size=8m', (path) => cpSync(company.dataDir, path, { recursive: true }));
      spawnSync('mount', ['-o', 'remount,ro', folder ?? '']);
      return onFolder(folder ?? '');
    },
    says: /DATA_DIR.*right to write|read-only/,
  },
];

/** Name and content of every file in a folder; empty where there is none. */
function fingerprint(folder: string): Record<string, string> {
  if (!existsSync(folder) || !statSync(folder).isDirectory()) return {};
  return Object.fromEntries(
    readdirSync(folder)
      .filter((name) => name.endsWith('.sqlite') || name.endsWith('.key'))
      .filter((name) => statSync(join(folder, name)).isFile())
      .map((name) => [
        name,
        createHash('sha256')
          .update(readFileSync(join(folder, name)))
          .digest('hex'),
      ]),
  );
}

/** What is wrong with how a start ended; empty when it is one sentence that says what to do. */
function complaints(code: number | NodeJS.Signals, stdout: string, stderr: string, says: RegExp): string[] {
  const lines = stderr.trim().split('\n');
  return [
    ...(code === 1 ? [] : [`exit code ${code}`]),
    ...(lines.length === 1 ? [] : [`${lines.length} lines`]),
    ...(/[.]$/.test(stderr.trim()) ? [] : ['no sentence']),
    ...(/\n\s+at |node:internal|Error:/.test(stderr) ? ['a stack'] : []),
    ...(says.test(stderr) ? [] : [`does not say ${says}`]),
    ...(/"msg":"serving"/.test(stdout) ? ['served all the same'] : []),
  ];
}

describe('Starts that cannot succeed', () => {
  it(
    'stop with one sentence that says what to do, and change nothing',
    limit({ short: 120, full: 240 }),
    async ({ task }) => {
      const tell = teller(task);
      const wrong: string[] = [];
      const mayMount = mounted('size=1m', () => undefined) !== null;
      for (const { what, prepare, says, uid } of mayMount ? [...failures, ...mountFailures] : failures) {
        const settings = await prepare();
        const folder = settings.DATA_DIR ?? '';
        const before = fingerprint(folder);
        const { ended, stdout, stderr } = launchServer(settings, { uid });
        const problems = complaints(await ended, stdout(), stderr(), says);
        const after = fingerprint(folder);
        for (const [name, hash] of Object.entries(before))
          if (after[name] !== hash) problems.push(`${name} was changed`);
        tell(`tried: ${what}: ${stderr().trim().replaceAll(folder, '…').slice(0, 300)}`);
        if (problems.length > 0) wrong.push(`${what}: ${problems.join(', ')}: ${stderr().slice(0, 400)}`);
      }
      if (!mayMount) tell('not tried: a full and a read-only file system, since these tests may not mount');
      tell(`found ${counted(wrong.length, 'start')} that ended otherwise`);
      expect(wrong).toEqual([]);
    },
  );

  it('control: a program that just throws is caught', ({ task }) => {
    const thrown = spawnSync(process.execPath, ['-e', "throw new Error('no database')"], {
      encoding: 'utf8',
    });
    const problems = complaints(thrown.status ?? 0, thrown.stdout, thrown.stderr, /DATA_DIR/);
    teller(task)(`control caught: ${problems.join(', ')}`);
    expect(problems.length).toBeGreaterThan(2);
  });
});
