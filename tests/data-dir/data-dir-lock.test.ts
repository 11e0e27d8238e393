import { readdirSync } from 'node:fs';
import BetterSqlite3 from 'better-sqlite3';
import { expect, it } from 'vitest';
import { databaseFile } from '~/core/config.server';
import { acquireDataDirLock, DataDirInUseError } from '~/data-dir/data-dir-lock.server';
import { migrate, migrations, readSchemaVersion } from '~db/sqlite/migrate.server';
import { temporaryFolder } from '../helpers/app';
import { runCli } from '../helpers/cli';
import { runCommand, startServer } from '../helpers/server';

it('is held by one at a time, and free again when let go of', () => {
  const dataDir = temporaryFolder();
  const first = acquireDataDirLock({ dataDir });
  expect(() => acquireDataDirLock({ dataDir })).toThrow(DataDirInUseError);
  first.release();
  acquireDataDirLock({ dataDir }).release();
  expect(readdirSync(dataDir)).toEqual(['in-use.lock']);
});

it('keeps a second server away from a folder until the first has ended, a killed one too', async () => {
  const settings = { DATA_DIR: temporaryFolder() };
  const first = await startServer({ settings });
  const second = await runCommand(['serve'], { ...settings, PORT: '0' });
  expect(second.exitCode).toBe(1);
  expect(second.stderr).toMatch(/^Another server, or a restore, is at work in .+\n$/);
  await first.kill();
  const third = await startServer({ settings });
  await third.stop();
}, 60_000);

it('keeps commands from migrating the database beneath an earlier version’s server', async () => {
  const dataDir = temporaryFolder();
  const earlier = new BetterSqlite3(databaseFile({ dataDir }));
  migrate(earlier, migrations.slice(0, 1));
  const server = acquireDataDirLock({ dataDir });
  const makeAdmin = () => runCli(['admin', 'create', 'ada@example.com', '--generate'], dataDir);

  expect(await makeAdmin()).toMatchObject({
    code: 2,
    err: expect.stringMatching(/^An earlier version of the server is at work in .+ try again\.$/),
  });
  expect(readSchemaVersion(earlier)).toBe(1);
  earlier.close();

  server.release();
  expect(await makeAdmin()).toMatchObject({ code: 0, err: '' });
});

it('lets commands work beside a server of the same version', async () => {
  const dataDir = temporaryFolder();
  const database = new BetterSqlite3(databaseFile({ dataDir }));
  migrate(database);
  database.close();
  const server = acquireDataDirLock({ dataDir });
  expect(await runCli(['admin', 'create', 'ada@example.com', '--generate'], dataDir)).toMatchObject({
    code: 0,
    err: '',
  });
  server.release();
});
