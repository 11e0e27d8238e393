import { readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { DataFolderInUse, holdDataFolder } from '~/data-folder.server';
import { temporaryFolder } from '../helpers/app';
import { runCommand, startServer } from '../helpers/server';

it('is held by one at a time, and free again when let go of', () => {
  const dataDir = temporaryFolder();
  const first = holdDataFolder({ dataDir });
  expect(() => holdDataFolder({ dataDir })).toThrow(DataFolderInUse);
  first.release();
  holdDataFolder({ dataDir }).release();
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
