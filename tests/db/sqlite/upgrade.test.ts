import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import BetterSqlite3 from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { databaseFile } from '~/core/config.server';
import { closeApp } from '~/server/create-app.server';
import { openDatabase } from '~db/sqlite/connection.server';
import { findSchemaDifference } from '~db/sqlite/integrity.server';
import { MigrationError, migrate, migrations } from '~db/sqlite/migrate.server';
import { version } from '../../../package.json';
import { serveGateway } from '../../gateway/harness';
import { temporaryFolder, testApp } from '../../helpers/app';
import { runCli } from '../../helpers/cli';
import { dump, load, rowCounts } from '../dump';
import { MASTER_KEY, populate } from '../populated';

const FOLDER = fileURLToPath(new URL('../released', import.meta.url));
const CHANGELOG = readFileSync(new URL('../../../CHANGELOG.md', import.meta.url), 'utf8');
/** The first line of a snapshot names a raw key that its database knows. */
const RAW_KEY = /^-- (aik_\S+)\n/;

/** A populated database of today's schema, as SQL. */
async function populatedToday(): Promise<string> {
  const app = await testApp({ MASTER_KEY });
  const { rawKey } = await populate(app);
  await closeApp(app);
  return `-- ${rawKey}\n${dump(databaseFile(app.config))}`;
}

/** Starts this version on the snapshot: what was counted before and after, and whether its key is taken. */
async function upgrade(sql: string) {
  const DATA_DIR = temporaryFolder();
  const path = databaseFile({ dataDir: DATA_DIR });
  load(path, sql);
  const before = rowCounts(path);
  await openDatabase(path).close();
  const after = rowCounts(path); // now, since a start removes sessions that time has ended
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

  it('is proved for every version that the changelog calls released', () => {
    const versions = [...CHANGELOG.matchAll(/^## (\d+\.\d+\.\d+) \(\d{4}-\d\d-\d\d\)$/gm)].map(([, v]) => v);
    expect(versions.filter((each) => !released.includes(`${each}.sql`))).toEqual([]);
    expect(CHANGELOG).toMatch(new RegExp(`^## ${version.replaceAll('.', '\\.')} \\(`, 'm'));
  });

  it('is proved on rows in every table, so that a new one is not forgotten', async () => {
    const sql = await populatedToday();
    // To be run once for each release, before it: its schema is then kept for ever.
    if (process.env.SNAPSHOT_RELEASE) writeFileSync(join(FOLDER, `${version}.sql`), sql);
    const { before, after, verified } = await upgrade(sql);
    expect(Object.entries(before).filter(([, rows]) => rows === 0)).toEqual([]);
    expect(after).toEqual(before);
    expect(verified).toBe(200);
  });
});

describe('the migration that lets service accounts hold keys', () => {
  const BEFORE = '0006_password_resets';
  const at = migrations.findIndex(({ tag }) => tag === BEFORE) + 1;

  /** Every row of the table as it is, the columns by name, in order of insertion. */
  const rowsOf = (sqlite: BetterSqlite3.Database, table: string) =>
    sqlite.prepare<[], Record<string, unknown>>(`select * from ${table} order by rowid`).all();

  const indexesOf = (sqlite: BetterSqlite3.Database) =>
    sqlite
      .prepare<[], string>(
        "select name from sqlite_master where tbl_name = 'keys' and type = 'index' order by name",
      )
      .pluck()
      .all();

  /** The released database, at the version before or the newest. */
  function upgraded(known = migrations): BetterSqlite3.Database {
    const path = join(temporaryFolder(), 'released.sqlite');
    load(path, readFileSync(join(FOLDER, '0.1.0-preview.sql'), 'utf8'));
    const sqlite = new BetterSqlite3(path);
    migrate(sqlite, known);
    return sqlite;
  }

  it('makes the table of keys anew with every row, value and index that it had', () => {
    const sqlite = upgraded(migrations.slice(0, at));
    const [keysBefore, requestsBefore, indexes] = [
      rowsOf(sqlite, 'keys'),
      rowsOf(sqlite, 'requests'),
      indexesOf(sqlite),
    ];
    const statuses = new Set(keysBefore.map(({ status }) => status));
    expect(statuses).toEqual(new Set(['PENDING', 'ACTIVE', 'REJECTED', 'REVOKED']));

    expect(migrate(sqlite)[0]).toBe('0007_service_accounts');
    expect(rowsOf(sqlite, 'keys')).toEqual(keysBefore.map((row) => ({ ...row, service_account_id: null })));
    expect(rowsOf(sqlite, 'requests')).toEqual(requestsBefore);
    expect(indexesOf(sqlite)).toEqual(expect.arrayContaining(indexes));
    expect(findSchemaDifference(sqlite)).toBeNull();
    sqlite.close();
  });

  it('leaves the rules of people’s keys as they were, and has those of the accounts’', () => {
    const sqlite = upgraded();
    sqlite.pragma('foreign_keys = OFF'); // copies stand for themselves, without requests of their own
    const insertCopy = (id: string, changes: Record<string, string | null>) => () => {
      const [row] = sqlite
        .prepare<[], Record<string, unknown>>(
          "select * from keys where status = 'ACTIVE' and hash is not null",
        )
        .all();
      const copy = { ...row, id, request_id: id, hash: id, ...changes };
      const columns = Object.keys(copy);
      sqlite.prepare(`insert into keys (${columns}) values (${columns.map((name) => `@${name}`)})`).run(copy);
    };
    const ofService = { holder_id: null, service_account_id: 'sva_x' };
    expect(insertCopy('second', {})).toThrow(/UNIQUE.+holder_id.+tool_id.+environment/);
    expect(insertCopy('nobody’s', { holder_id: null })).toThrow(/keys_one_holder/);
    expect(insertCopy('of both', { service_account_id: 'sva_x' })).toThrow(/keys_one_holder/);
    insertCopy('one', ofService)();
    insertCopy('beside it', ofService)();
    const unrevealed = { hash: null, prefix: null, revealed_at: null, last_used_at: null };
    expect(insertCopy('unrevealed', { ...ofService, ...unrevealed })).toThrow(/keys_service_issued/);
    sqlite.close();
  });
});

describe('the migrator', () => {
  const later = (sql: string) => [...migrations, { tag: '9999_later', sql, hash: 'later' }];
  const reopened = (path: string) => new BetterSqlite3(path);

  async function populatedFile(): Promise<string> {
    const path = join(temporaryFolder(), 'populated.sqlite');
    load(path, await populatedToday());
    return path;
  }

  it('rebuilds a table that others refer to without losing a row of theirs', async () => {
    const path = await populatedFile();
    const before = rowCounts(path);
    const sqlite = reopened(path);
    sqlite.pragma('foreign_keys = ON');
    const rebuild = `
      CREATE TABLE __new_users AS SELECT * FROM users;--> statement-breakpoint
      DROP TABLE users;--> statement-breakpoint
      CREATE TABLE users (id text primary key, email text, name text, role text, password_hash text, created_at integer, disabled_at integer);--> statement-breakpoint
      INSERT INTO users SELECT * FROM __new_users;--> statement-breakpoint
      DROP TABLE __new_users;`;
    expect(migrate(sqlite, later(rebuild))).toEqual(['9999_later']);
    expect(sqlite.pragma('foreign_keys', { simple: true })).toBe(1);
    sqlite.close();
    expect(rowCounts(path)).toEqual({ ...before, schema_migrations: (before.schema_migrations ?? 0) + 1 });
  });

  it.each([
    [
      'fails half-way',
      'CREATE TABLE extra (id text);--> statement-breakpoint\nINSERT INTO nowhere VALUES (1);',
    ],
    ['would leave rows without their parent', "DELETE FROM users WHERE email = 'mara@example.com';"],
  ])('undoes all of an upgrade that %s', async (_what, sql) => {
    const path = await populatedFile();
    const before = dump(path);
    const sqlite = reopened(path);
    expect(() => migrate(sqlite, later(sql))).toThrow();
    sqlite.close();
    expect(dump(path)).toBe(before);
  });

  it('leaves alone, and refuses to open, what a newer version has written', async () => {
    const path = await populatedFile();
    const sqlite = reopened(path);
    migrate(sqlite, later('CREATE TABLE extra (id text);'));
    sqlite.close();
    const before = dump(path);
    expect(() => openDatabase(path)).toThrow(MigrationError);
    expect(() => openDatabase(path)).toThrow(/newer version of My AI Keys .+ 9999_later/);
    expect(dump(path)).toBe(before);
  });

  it('brings a new file to a schema that has nothing missing and nothing more', () => {
    const sqlite = new BetterSqlite3(':memory:');
    expect(migrate(sqlite)).toEqual(migrations.map(({ tag }) => tag));
    expect(migrate(sqlite)).toEqual([]);
    expect(findSchemaDifference(sqlite)).toBeNull();
    sqlite.close();
  });
});
