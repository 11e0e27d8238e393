import { closeSync, openSync, readdirSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { formatHead } from '~/audit/audit.schema';
import { readHead } from '~/audit/record.server';
import { databaseFile } from '~/core/config.server';
import type { App } from '~/server/create-app.server';
import { closeApp } from '~/server/create-app.server';
import { migrate, migrations } from '~db/sqlite/migrate.server';
import { temporaryFolder, testApp } from '../helpers/app';
import { addAuditEntries, tamper } from '../helpers/audit';
import { runCli } from '../helpers/cli';
import { activeKey, team } from '../helpers/team';

const backup = (app: App, file: string) => runCli(['backup', file], app.config.dataDir);

/** All rows of all tables. */
function content(path: string): Record<string, unknown[]> {
  const sqlite = new BetterSqlite3(path, { readonly: true });
  const names = sqlite
    .prepare<[], string>("select name from sqlite_master where type = 'table'")
    .pluck()
    .all();
  const tables = Object.fromEntries(
    names.map((name) => [name, sqlite.prepare(`select * from ${name}`).all()]),
  );
  sqlite.close();
  return tables;
}

describe('backup', () => {
  it('copies everything the server has committed into one private file and prints the chain head', async () => {
    const members = await team();
    await activeKey(members);
    const file = join(temporaryFolder(), 'monday.sqlite');
    const { code, out, err } = await backup(members.app, file);
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain(`ends at ${formatHead(await readHead(members.app.db.read))}.`);
    expect(readdirSync(join(file, '..'))).toEqual(['monday.sqlite']);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(content(file)).toEqual(content(databaseFile(members.app.config)));
    await activeKey({ ...members, asMember: members.asOther }); // the server can still write
  });

  it('never replaces an existing file', async () => {
    const app = await testApp();
    const file = join(temporaryFolder(), 'monday.sqlite');
    writeFileSync(file, 'last monday');
    const { code, err } = await backup(app, file);
    expect([code, err]).toEqual([2, `${file} already exists. A backup never replaces a file.`]);
    expect(statSync(file).size).toBe('last monday'.length);
  });

  it('started twice for the same file makes one complete backup, and the other fails', async () => {
    const { app } = await team();
    const file = join(temporaryFolder(), 'monday.sqlite');
    const results = await Promise.all([backup(app, file), backup(app, file)]);
    expect(results.map(({ code }) => code).sort()).toEqual([0, 2]);
    expect(results.map(({ err }) => err).sort()).toEqual([
      '',
      `${file} already exists. A backup never replaces a file.`,
    ]);
    expect(readdirSync(join(file, '..'))).toEqual(['monday.sqlite']);
    expect(content(file)).toEqual(content(databaseFile(app.config)));
  });

  it.each([
    ['the directory does not exist', join('missing', 'file'), "The directory .+ doesn't exist"],
    ['the directory is a file', join('diary', 'file'), "Can't create a file in"],
    ['the name is too long', 'x'.repeat(250), "Can't create a file in"],
  ])('creates nothing and prints one line if %s', async (_why, name, message) => {
    const app = await testApp();
    const directory = temporaryFolder();
    writeFileSync(join(directory, 'diary'), 'Dear diary');
    const { code, err } = await backup(app, join(directory, name));
    expect([code, err]).toEqual([2, expect.stringMatching(new RegExp(`^${message}.*\\.$`))]);
    expect(readdirSync(directory)).toEqual(['diary']);
  });

  it('creates nothing if the database is damaged', async () => {
    const app = await testApp();
    await addAuditEntries(app, 300);
    await closeApp(app);
    const path = databaseFile(app.config);
    const handle = openSync(path, 'r+');
    for (let page = 12; page < 20; page++)
      writeSync(handle, Buffer.alloc(2_000, 0xab), 0, 2_000, page * 4096);
    closeSync(handle);
    const directory = temporaryFolder();
    const { code } = await backup(app, join(directory, 'file'));
    expect(code).toBe(2);
    expect(readdirSync(directory)).toEqual([]);
  });

  it('backs up a broken audit trail as evidence and exits with 1', async () => {
    const app = await testApp();
    await addAuditEntries(app, 10);
    tamper(app, "update audit_entries set action = 'x' where seq = 7");
    const file = join(temporaryFolder(), 'evidence.sqlite');
    const { code, err } = await backup(app, file);
    expect([code, err]).toEqual([1, expect.stringContaining('Entry 7 was changed')]);
    expect(statSync(file).size).toBeGreaterThan(0);
  });

  it('backs up a database of an earlier version before its upgrade', async () => {
    const directory = temporaryFolder();
    const sqlite = new BetterSqlite3(databaseFile({ dataDir: directory }));
    migrate(sqlite, migrations.slice(0, 1));
    sqlite.close();
    const { code, out } = await runCli(['backup', join(directory, 'before')], directory);
    expect([code, out]).toEqual([0, expect.stringContaining('earlier version')]);
  });
});
