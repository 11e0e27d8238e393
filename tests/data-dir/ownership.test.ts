import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  lstatSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readConfig } from '~/core/config.server';
import { createLogger } from '~/core/logger.server';
import { chownToFolderOwner } from '~/data-dir/ownership.server';
import { UnreadableKeyError } from '~/master-key/master-key-files.server';
import { closeApp, createApp } from '~/server/create-app.server';
import { temporaryFolder } from '../helpers/app';
import { runCli } from '../helpers/cli';
import { BUILT_SERVER } from '../helpers/server';

/** As whom a service runs that root looks after; without root's rights everything is one's own. */
const SERVICE = process.getuid?.() === 0 ? 65_534 : (process.getuid?.() ?? 0);
const IS_ROOT = process.getuid?.() === 0;
const BROUGHT = { MASTER_KEY: Buffer.alloc(32, 5).toString('base64') };

/** A data folder as the service manager makes it, empty and the service's own. */
function folderOfService(): string {
  const folder = temporaryFolder();
  chmodSync(folder, 0o700);
  if (IS_ROOT) chownSync(folder, SERVICE, SERVICE);
  return folder;
}

const owners = (folder: string) =>
  Object.fromEntries(readdirSync(folder).map((name) => [name, lstatSync(join(folder, name)).uid]));

const allOfService = (folder: string) =>
  Object.fromEntries(readdirSync(folder).map((name) => [name, SERVICE]));

/** What `work` does with the rights of the service alone. */
async function asService<T>(work: () => Promise<T>): Promise<T> {
  if (!IS_ROOT) return await work();
  process.seteuid?.(SERVICE);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
  }
}

/** Runs the words as somebody whom the folder lets in nowhere. */
async function asStranger(folder: string, words: string[]) {
  if (!IS_ROOT) chmodSync(folder, 0);
  process.seteuid?.(IS_ROOT ? SERVICE - 1 : SERVICE);
  try {
    return await runCli(words, folder, { settings: { ...BROUGHT, PORT: '0' } });
  } finally {
    process.seteuid?.(IS_ROOT ? 0 : SERVICE);
    if (!IS_ROOT) chmodSync(folder, 0o700);
  }
}

async function start(folder: string, settings: Record<string, string>) {
  const config = readConfig({ DATA_DIR: folder, LOG_LEVEL: 'silent', ...settings });
  return await createApp(config, createLogger(config));
}

it('a database that a start makes can be read by its owner alone, also in a folder that others may enter', async () => {
  const folder = temporaryFolder();
  chmodSync(folder, 0o755);
  const app = await start(folder, BROUGHT);
  const open = readdirSync(folder).filter((name) => (lstatSync(join(folder, name)).mode & 0o077) !== 0);
  const there = readdirSync(folder);
  await closeApp(app);
  expect([there.includes('my-ai-keys.sqlite'), there.includes('my-ai-keys.sqlite-wal'), open]).toEqual([
    true,
    true,
    [],
  ]);
});

describe('what commands make in a data folder as root', () => {
  const makeAdmin = (folder: string) =>
    runCli(['admin', 'create', 'ada@example.com', '--generate'], folder, { settings: BROUGHT });

  it('belongs to the owner of the folder: the database, a master key, and a backup that was restored', async () => {
    const folder = folderOfService();
    expect(await makeAdmin(folder)).toMatchObject({ code: 0, err: '' });
    expect(owners(folder)).toEqual(allOfService(folder));
    expect(await runCli(['master-key', 'rotate'], folder, { settings: BROUGHT })).toMatchObject({
      code: 0,
    });
    expect(owners(folder)).toMatchObject({ 'master.key.next': SERVICE, 'my-ai-keys.sqlite': SERVICE });
    const copy = join(temporaryFolder(), 'copy.sqlite');
    expect(await runCli(['backup', copy], folder)).toMatchObject({ code: 0 });
    expect(await runCli(['restore', copy], folder, { settings: BROUGHT })).toMatchObject({ code: 0 });
    expect(owners(folder)).toEqual(allOfService(folder));
  });

  it('leaves the service able to start on what a rotation by root laid there', async () => {
    const folder = folderOfService();
    await makeAdmin(folder);
    await runCli(['master-key', 'rotate'], folder, { settings: BROUGHT });
    await asService(async () => {
      const app = await start(folder, BROUGHT);
      const next = readFileSync(join(folder, 'master.key.next'), 'utf8').trim();
      expect(next).not.toBe(BROUGHT.MASTER_KEY);
      await closeApp(app);
      await closeApp(await start(folder, { MASTER_KEY: next }));
    });
  });

  it('is never what a link in its place leads to', () => {
    const folder = folderOfService();
    const elsewhere = join(temporaryFolder(), 'not-the-service’s');
    writeFileSync(elsewhere, 'of root');
    const before = lstatSync(elsewhere).uid;
    symlinkSync(elsewhere, join(folder, 'link'));
    chownToFolderOwner(join(folder, 'link'));
    expect([lstatSync(elsewhere).uid, lstatSync(join(folder, 'link')).uid]).toEqual([before, SERVICE]);
  });
});

it('commands of somebody who may not enter the data folder say so, and not that there is no database', async () => {
  const folder = folderOfService();
  await runCli(['admin', 'create', 'ada@example.com', '--generate'], folder, { settings: BROUGHT });
  const copy = join(temporaryFolder(), 'copy.sqlite');
  chmodSync(join(copy, '..'), 0o777);
  for (const words of [
    ['backup', copy],
    ['audit', 'head'],
    ['master-key', 'rotate'],
  ])
    expect(await asStranger(folder, words)).toEqual({
      code: 2,
      out: '',
      err: `This user may not enter ${folder}. Run the command as the folder's owner, or as root.`,
    });
});

it('doctor says nothing of what it may not look at', async () => {
  const folder = folderOfService();
  await runCli(['admin', 'create', 'ada@example.com', '--generate'], folder, { settings: BROUGHT });
  if (!IS_ROOT) chmodSync(folder, 0);
  // In a process of its own: the system asks who that is, and not as whom this one acts.
  const { status, stdout, stderr } = spawnSync(process.execPath, [BUILT_SERVER, 'doctor'], {
    encoding: 'utf8',
    env: { ...process.env, ...BROUGHT, DATA_DIR: folder, PORT: '0' },
    ...(IS_ROOT && { uid: SERVICE - 1, gid: SERVICE - 1 }),
  });
  if (!IS_ROOT) chmodSync(folder, 0o700);
  const why = `This user may not enter ${folder}: run the command as its owner, or as root.`;
  expect([status, stderr]).toEqual([1, `WRONG  data folder: ${why}\n`]);
  expect(stdout).toMatch(/^ok {5}settings: .+\nok {5}port: .+\n$/);
});

it('a next master key that the server may not read stops the start with a sentence, and stays where it is', async () => {
  const folder = folderOfService();
  await runCli(['admin', 'create', 'ada@example.com', '--generate'], folder, { settings: BROUGHT });
  await runCli(['master-key', 'rotate'], folder, { settings: BROUGHT });
  const next = join(folder, 'master.key.next');
  if (IS_ROOT) chownSync(next, 0, 0);
  else chmodSync(next, 0);
  await asService(async () => {
    const started = start(folder, BROUGHT);
    await expect(started).rejects.toThrow(UnreadableKeyError);
    await expect(started).rejects.toThrow(/cannot be read from the file .*master\.key\.next.*right to\.$/);
  });
  expect(readdirSync(folder)).toContain('master.key.next');
});
