import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import BetterSqlite3 from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { databaseFile } from '~/core/config.server';
import { openDatabase } from '~db/sqlite/connection.server';
import { findSchemaDifference } from '~db/sqlite/integrity.server';
import { MigrationError, migrate, migrations } from '~db/sqlite/migrate.server';
import { version } from '../../../package.json';
import { serveGateway } from '../../gateway/harness';
import { temporaryFolder, testApp } from '../../helpers/app';
import { runCli } from '../../helpers/cli';
import { createCompany } from '../../helpers/company';
import { dump, load, rowCounts } from '../dump';

const FOLDER = fileURLToPath(new URL('../released', import.meta.url));
const CHANGELOG = readFileSync(new URL('../../../CHANGELOG.md', import.meta.url), 'utf8');
/** A snapshot's first line has a raw key that is active in its database. */
const RAW_KEY = /^-- (aik_\S+)\n/;

/** The master key of every snapshot, so that its credentials can be decrypted wherever it is loaded. */
const MASTER_KEY = Buffer.alloc(32, 42).toString('base64');

/** A database of the current schema with rows in every table, as SQL. */
async function currentSnapshot(): Promise<string> {
  const company = await createCompany({ MASTER_KEY });
  const sql = dump(databaseFile(company));
  company.remove();
  return `-- ${company.openaiRawKey}\n${sql}`;
}

/** Starts this version on the snapshot. Returns row counts before and after, and what verify and the commands say. */
async function upgrade(sql: string) {
  const DATA_DIR = temporaryFolder();
  const path = databaseFile({ dataDir: DATA_DIR });
  load(path, sql);
  const before = rowCounts(path);
  await openDatabase(path).close();
  const after = rowCounts(path); // counted here, because starting the server removes expired sessions
  const app = await testApp({ DATA_DIR, MASTER_KEY });
  const { origin } = await serveGateway(app);
  const rawKey = RAW_KEY.exec(sql)?.[1] ?? '';
  const verified = await fetch(`${origin}/verify/openai`, { headers: { Authorization: `Bearer ${rawKey}` } });
  const trail = await runCli(['audit', 'verify'], DATA_DIR);
  const doctor = await runCli(['doctor'], DATA_DIR, { settings: { MASTER_KEY, PORT: '3478' } });
  return { before, after, verified: verified.status, trail, doctor };
}

const released = readdirSync(FOLDER).filter((name) => name.endsWith('.sql'));

describe('an upgrade', () => {
  it.each(released)(
    'from %s keeps every row, the audit chain, the credentials and the keys',
    async (name) => {
      const { before, after, verified, trail, doctor } = await upgrade(
        readFileSync(join(FOLDER, name), 'utf8'),
      );
      const { schema_migrations: applied = 0, ...kept } = before;
      expect(after).toMatchObject(kept);
      expect(after.schema_migrations).toBeGreaterThanOrEqual(applied);
      expect(verified).toBe(200);
      expect(trail).toMatchObject({ code: 0, err: '' });
      expect(doctor).toMatchObject({ code: 0, err: '' });
    },
  );

  it('is tested from every version that the changelog lists as released', () => {
    const versions = [...CHANGELOG.matchAll(/^## (\d+\.\d+\.\d+) \(\d{4}-\d\d-\d\d\)$/gm)].map(([, v]) => v);
    expect(versions.filter((each) => !released.includes(`${each}.sql`))).toEqual([]);
    expect(CHANGELOG).toMatch(new RegExp(`^## ${version.replaceAll('.', '\\.')} \\(`, 'm'));
  });

  it('is tested with rows in every table', async () => {
    const sql = await currentSnapshot();
    // Run once before each release to add its snapshot.
    if (process.env.SNAPSHOT_RELEASE) writeFileSync(join(FOLDER, `${version}.sql`), sql);
    const { before, after, verified } = await upgrade(sql);
    expect(Object.entries(before).filter(([, rows]) => rows === 0)).toEqual([]);
    expect(after).toEqual(before);
    expect(verified).toBe(200);
  });
});

describe('a migration that rebuilds a table', () => {
  /** Every row by table, and the SQL of every index and trigger. */
  function contentOf(sqlite: BetterSqlite3.Database) {
    const objects = sqlite
      .prepare<[], { type: string; name: string; sql: string }>(
        "select type, name, sql from sqlite_master where name not like 'sqlite%' order by type, name",
      )
      .all();
    const tables = objects.filter(({ type, name }) => type === 'table' && name !== 'schema_migrations');
    const rows = tables.map(({ name }) => [
      name,
      sqlite.prepare<[], Record<string, unknown>>(`select * from ${name} order by rowid`).all(),
    ]);
    return {
      rows: Object.fromEntries(rows) as Record<string, Record<string, unknown>[]>,
      others: Object.fromEntries(
        objects.filter(({ type }) => type !== 'table').map(({ name, sql }) => [name, sql]),
      ) as Record<string, string>,
    };
  }

  /** The database of the first release, upgraded to just before this migration, or to the newest schema. */
  function releasedDatabase(before?: string): BetterSqlite3.Database {
    const path = join(temporaryFolder(), 'released.sqlite');
    load(path, readFileSync(join(FOLDER, '0.1.0-preview.sql'), 'utf8'));
    const sqlite = new BetterSqlite3(path);
    onTestFinished(() => void sqlite.close());
    const position = migrations.findIndex(({ tag }) => tag === before);
    migrate(sqlite, before === undefined ? migrations : migrations.slice(0, position));
    return sqlite;
  }

  it.each([
    ['0007_service_accounts', 'keys', { service_account_id: null }],
    ['0008_rejection_reason_not_null', 'requests', {}],
  ])('keeps every row, index and trigger: %s', (tag, table, added) => {
    const sqlite = releasedDatabase(tag);
    const before = contentOf(sqlite);
    const rebuilt = before.rows[table]?.map((row) => ({ ...row, ...added })) ?? [];
    expect(rebuilt.length).toBeGreaterThan(5);

    expect(migrate(sqlite)[0]).toBe(tag);
    const after = contentOf(sqlite);
    expect(after.rows).toMatchObject({ ...before.rows, [table]: rebuilt });
    expect(after.others).toMatchObject(before.others);
    expect(findSchemaDifference(sqlite)).toBeNull();
  });

  /** Inserts a copy of the first matching row with some columns changed. */
  function insertCopy(sqlite: BetterSqlite3.Database, table: string, where: string, changes: object): void {
    const row = sqlite.prepare<[], object>(`select * from ${table} where ${where}`).get();
    const copy = { ...row, ...changes };
    const columns = Object.keys(copy);
    const values = columns.map((name) => `@${name}`);
    sqlite.prepare(`insert into ${table} (${columns}) values (${values})`).run(copy);
  }

  it('gives each key one owner, and one live key per person, tool and environment', () => {
    const sqlite = releasedDatabase();
    sqlite.pragma('foreign_keys = OFF'); // the copies have no requests
    const insertKey = (id: string, changes: object) => () =>
      insertCopy(sqlite, 'keys', "status = 'ACTIVE' and hash is not null", {
        ...{ id, request_id: id, hash: id },
        ...changes,
      });
    const ofService = { holder_id: null, service_account_id: 'sva_x' };
    expect(insertKey('second', {})).toThrow(/UNIQUE.+holder_id.+tool_id.+environment/);
    expect(insertKey('no owner', { holder_id: null })).toThrow(/keys_one_holder/);
    expect(insertKey('two owners', { service_account_id: 'sva_x' })).toThrow(/keys_one_holder/);
    insertKey('service one', ofService)();
    insertKey('service two', ofService)();
    const unrevealed = { hash: null, prefix: null, revealed_at: null, last_used_at: null };
    expect(insertKey('unrevealed', { ...ofService, ...unrevealed })).toThrow(/keys_service_issued/);
  });

  it('rejects a rejection without a reason, and a key without a request', () => {
    const sqlite = releasedDatabase();
    sqlite.pragma('foreign_keys = ON');
    const insertRequest = (id: string, where: string, reason: string | null) => () =>
      insertCopy(sqlite, 'requests', where, { id, reason });
    expect(insertRequest('null', "decision = 'rejected'", null)).toThrow(/requests_rejection_reason/);
    expect(insertRequest('empty', "decision = 'rejected'", '')).toThrow(/requests_rejection_reason/);
    insertRequest('with reason', "decision = 'rejected'", 'Use the staging key.')();
    insertRequest('approved', "decision = 'approved'", null)();
    insertRequest('pending', 'decision is null', null)();
    expect(() =>
      sqlite.exec("update keys set request_id = 'none' where id = (select min(id) from keys)"),
    ).toThrow(/FOREIGN KEY/);
  });
});

describe('the migrator', () => {
  const withLater = (sql: string) => [...migrations, { tag: '9999_later', sql, hash: 'later' }];

  async function populatedFile(): Promise<string> {
    const path = join(temporaryFolder(), 'populated.sqlite');
    load(path, await currentSnapshot());
    return path;
  }

  it('rebuilds a table without losing rows that refer to it', async () => {
    const path = await populatedFile();
    const before = rowCounts(path);
    const sqlite = new BetterSqlite3(path);
    sqlite.pragma('foreign_keys = ON');
    const rebuild = `
      CREATE TABLE __new_users AS SELECT * FROM users;--> statement-breakpoint
      DROP TABLE users;--> statement-breakpoint
      CREATE TABLE users (id text primary key, email text, name text, role text, password_hash text, created_at integer, disabled_at integer);--> statement-breakpoint
      INSERT INTO users SELECT * FROM __new_users;--> statement-breakpoint
      DROP TABLE __new_users;`;
    expect(migrate(sqlite, withLater(rebuild))).toEqual(['9999_later']);
    expect(sqlite.pragma('foreign_keys', { simple: true })).toBe(1);
    sqlite.close();
    expect(rowCounts(path)).toEqual({ ...before, schema_migrations: (before.schema_migrations ?? 0) + 1 });
  });

  it.each([
    [
      'fails halfway',
      'CREATE TABLE extra (id text);--> statement-breakpoint\nINSERT INTO nowhere VALUES (1);',
    ],
    ['would leave rows without their parent', "DELETE FROM users WHERE email = 'mara@example.com';"],
  ])('rolls back all of an upgrade that %s', async (_what, sql) => {
    const path = await populatedFile();
    const before = dump(path);
    const sqlite = new BetterSqlite3(path);
    expect(() => migrate(sqlite, withLater(sql))).toThrow();
    sqlite.close();
    expect(dump(path)).toBe(before);
  });

  it('refuses to open a database of a newer version, and leaves it unchanged', async () => {
    const path = await populatedFile();
    const sqlite = new BetterSqlite3(path);
    migrate(sqlite, withLater('CREATE TABLE extra (id text);'));
    sqlite.close();
    const before = dump(path);
    expect(() => openDatabase(path)).toThrow(MigrationError);
    expect(() => openDatabase(path)).toThrow(/newer version of My AI Keys .+ 9999_later/);
    expect(dump(path)).toBe(before);
  });

  it('creates exactly the expected schema in a new file', () => {
    const sqlite = new BetterSqlite3(':memory:');
    expect(migrate(sqlite)).toEqual(migrations.map(({ tag }) => tag));
    expect(migrate(sqlite)).toEqual([]);
    expect(findSchemaDifference(sqlite)).toBeNull();
    sqlite.close();
  });
});
