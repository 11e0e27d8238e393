import { readdirSync } from 'node:fs';
import BetterSqlite3 from 'better-sqlite3';
import { expect, it } from 'vitest';
import { databaseFile } from '~/core/config.server';
import { acquireDataDirLock, DataDirInUseError } from '~/data-dir/data-dir-lock.server';
import { migrate, migrations, readSchemaVersion } from '~db/sqlite/migrate.server';
import { temporaryFolder } from '../helpers/app';
import { runCli } from '../helpers/cli';
import { runCommand, startServer } from '../helpers/server';

it('the data directory lock has one holder at a time until it is released', () => {
  const dataDir = temporaryFolder();
  const first = acquireDataDirLock({ dataDir });
  expect(() => acquireDataDirLock({ dataDir })).toThrow(DataDirInUseError);
  first.release();
  acquireDataDirLock({ dataDir }).release();
  expect(readdirSync(dataDir)).toEqual(['in-use.lock']);
});

it('a second server cannot start on a data directory until the first has exited or was killed', async () => {
  const settings = { DATA_DIR: temporaryFolder() };
  const first = await startServer({ settings });
  const second = await runCommand(['serve'], { ...settings, PORT: '0' });
  expect(second.exitCode).toBe(1);
  expect(second.stderr).toMatch(/^Another server, or a restore, is using the data directory .+\n$/);
  await first.kill();
  const third = await startServer({ settings });
  await third.stop();
}, 60_000);

it('commands do not migrate the database while a server of an earlier version runs', async () => {
  const dataDir = temporaryFolder();
  const earlier = new BetterSqlite3(databaseFile({ dataDir }));
  migrate(earlier, migrations.slice(0, 1));
  const server = acquireDataDirLock({ dataDir });
  const createAdmin = () => runCli(['admin', 'create', 'ada@example.com', '--generate'], dataDir);

  expect(await createAdmin()).toMatchObject({
    code: 2,
    err: expect.stringMatching(/^A server of an earlier version is using the data directory .+ try again\.$/),
  });
  expect(readSchemaVersion(earlier)).toBe(1);
  earlier.close();

  server.release();
  expect(await createAdmin()).toMatchObject({ code: 0, err: '' });
});

it('commands work while a server of the same version runs', async () => {
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
