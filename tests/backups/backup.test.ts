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

/** Every row of every table, as the file has them. */
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
  it('copies all that the server has acknowledged into one private file, and says where its trail ends', async () => {
    const story = await team();
    await activeKey(story);
    const file = join(temporaryFolder(), 'monday.sqlite');
    const { code, out, err } = await backup(story.app, file);
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain(`ends at ${formatHead(await readHead(story.app.db.read))};`);
    expect(readdirSync(join(file, '..'))).toEqual(['monday.sqlite']);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(content(file)).toEqual(content(databaseFile(story.app.config)));
    await activeKey({ ...story, asMember: story.asOther }); // the server goes on writing
  });

  it('never takes the place of a file that is there', async () => {
    const app = await testApp();
    const file = join(temporaryFolder(), 'monday.sqlite');
    writeFileSync(file, 'last monday');
    const { code, err } = await backup(app, file);
    expect([code, err]).toEqual([2, `${file} is there already. A backup never takes the place of another.`]);
    expect(statSync(file).size).toBe('last monday'.length);
  });

  it('made twice at once under one name is made once, whole, and says so to the other', async () => {
    const { app } = await team();
    const file = join(temporaryFolder(), 'monday.sqlite');
    const both = await Promise.all([backup(app, file), backup(app, file)]);
    expect(both.map(({ code }) => code).sort()).toEqual([0, 2]);
    expect(both.map(({ err }) => err).sort()).toEqual([
      '',
      `${file} is there already. A backup never takes the place of another.`,
    ]);
    expect(readdirSync(join(file, '..'))).toEqual(['monday.sqlite']);
    expect(content(file)).toEqual(content(databaseFile(app.config)));
  });

  it.each([
    ['its folder is missing', join('missing', 'file'), 'There is no folder'],
    ['its folder is a file', join('diary', 'file'), 'No file can be made in'],
    ['its name is too long for the disk', 'x'.repeat(250), 'No file can be made in'],
  ])('makes nothing when %s, and says in one line what to do', async (_why, name, words) => {
    const app = await testApp();
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'diary'), 'Dear diary');
    const { code, err } = await backup(app, join(folder, name));
    expect([code, err]).toEqual([2, expect.stringMatching(new RegExp(`^${words}.+\\.$`))]);
    expect(readdirSync(folder)).toEqual(['diary']);
  });

  it('makes nothing where there is no database', async () => {
    const folder = temporaryFolder();
    const { code, err } = await runCli(['backup', join(folder, 'file')], folder);
    expect([code, err]).toEqual([2, expect.stringContaining('There is no database at')]);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('makes nothing out of a damaged database', async () => {
    const app = await testApp();
    await addAuditEntries(app, 300);
    await closeApp(app);
    const path = databaseFile(app.config);
    const handle = openSync(path, 'r+');
    for (let page = 12; page < 20; page++)
      writeSync(handle, Buffer.alloc(2_000, 0xab), 0, 2_000, page * 4096);
    closeSync(handle);
    const folder = temporaryFolder();
    const { code } = await backup(app, join(folder, 'file'));
    expect(code).toBe(2);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('keeps a trail that somebody broke as it is, and says so', async () => {
    const app = await testApp();
    await addAuditEntries(app, 10);
    tamper(app, "update audit_entries set action = 'x' where seq = 7");
    const file = join(temporaryFolder(), 'evidence.sqlite');
    const { code, err } = await backup(app, file);
    expect([code, err]).toEqual([1, expect.stringContaining('Entry 7 was changed')]);
    expect(statSync(file).size).toBeGreaterThan(0);
  });

  it('backs up a database of an earlier version, for the upgrade that follows', async () => {
    const folder = temporaryFolder();
    const sqlite = new BetterSqlite3(databaseFile({ dataDir: folder }));
    migrate(sqlite, migrations.slice(0, 1));
    sqlite.close();
    const { code, out } = await runCli(['backup', join(folder, 'before')], folder);
    expect([code, out]).toEqual([0, expect.stringContaining('earlier version')]);
  });
});
