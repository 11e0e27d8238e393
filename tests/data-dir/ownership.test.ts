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
import { chownToDirectoryOwner, isOpenToOthers } from '~/data-dir/ownership.server';
import { UnreadableKeyError } from '~/master-key/master-key-files.server';
import { closeApp, createApp } from '~/server/create-app.server';
import { temporaryFolder } from '../helpers/app';
import { runCli } from '../helpers/cli';
import { BUILT_SERVER } from '../helpers/server';

const IS_ROOT = process.getuid?.() === 0;
/** The user that the server runs as. Without root's permissions, everything has one owner. */
const SERVICE = IS_ROOT ? 65_534 : (process.getuid?.() ?? 0);
const PROVIDED_KEY = { MASTER_KEY: Buffer.alloc(32, 5).toString('base64') };

/** An empty data directory that belongs to the service, as systemd creates it. */
function createDataDir(): string {
  const dataDir = temporaryFolder();
  chmodSync(dataDir, 0o700);
  if (IS_ROOT) chownSync(dataDir, SERVICE, SERVICE);
  return dataDir;
}

const run = (dataDir: string, ...args: string[]) =>
  runCli(args, dataDir, { settings: { ...PROVIDED_KEY, PORT: '0' } });

/** Creates a database as root. */
async function createDatabase(dataDir: string): Promise<void> {
  expect(await run(dataDir, 'admin', 'create', 'ada@example.com', '--generate')).toMatchObject({
    code: 0,
    err: '',
  });
}

const owners = (dataDir: string) =>
  Object.fromEntries(readdirSync(dataDir).map((name) => [name, lstatSync(join(dataDir, name)).uid]));

/** Does `work` with the service's permissions. */
async function asService<T>(work: () => Promise<T>): Promise<T> {
  if (!IS_ROOT) return await work();
  process.seteuid?.(SERVICE);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
  }
}

/** Runs a command as a user without access to the data directory. */
async function runWithoutAccess(dataDir: string, args: string[]) {
  if (!IS_ROOT) chmodSync(dataDir, 0);
  process.seteuid?.(IS_ROOT ? SERVICE - 1 : SERVICE);
  try {
    return await run(dataDir, ...args);
  } finally {
    process.seteuid?.(IS_ROOT ? 0 : SERVICE);
    if (!IS_ROOT) chmodSync(dataDir, 0o700);
  }
}

async function start(dataDir: string, settings: Record<string, string>) {
  const config = readConfig({ DATA_DIR: dataDir, LOG_LEVEL: 'silent', ...settings });
  return await createApp(config, createLogger(config));
}

it('only the owner can read a new database, even if others can access the data directory', async () => {
  const dataDir = temporaryFolder();
  chmodSync(dataDir, 0o755);
  const app = await start(dataDir, PROVIDED_KEY);
  const names = readdirSync(dataDir);
  const readableByOthers = names.filter((name) => isOpenToOthers(join(dataDir, name)));
  await closeApp(app);
  expect(names).toEqual(expect.arrayContaining(['my-ai-keys.sqlite', 'my-ai-keys.sqlite-wal']));
  expect(readableByOthers).toEqual([]);
});

describe('files that commands create as root', () => {
  it('belong to the owner of the data directory: database, master key and restored backup', async () => {
    const dataDir = createDataDir();
    await createDatabase(dataDir);
    expect(new Set(Object.values(owners(dataDir)))).toEqual(new Set([SERVICE]));
    expect(await run(dataDir, 'master-key', 'rotate')).toMatchObject({ code: 0 });
    expect(owners(dataDir)).toMatchObject({ 'master.key.next': SERVICE, 'my-ai-keys.sqlite': SERVICE });
    const copy = join(temporaryFolder(), 'copy.sqlite');
    expect(await run(dataDir, 'backup', copy)).toMatchObject({ code: 0 });
    expect(await run(dataDir, 'restore', copy)).toMatchObject({ code: 0 });
    expect(new Set(Object.values(owners(dataDir)))).toEqual(new Set([SERVICE]));
  });

  it('let the service start after a rotation by root', async () => {
    const dataDir = createDataDir();
    await createDatabase(dataDir);
    await run(dataDir, 'master-key', 'rotate');
    await asService(async () => {
      const app = await start(dataDir, PROVIDED_KEY);
      const next = readFileSync(join(dataDir, 'master.key.next'), 'utf8').trim();
      expect(next).not.toBe(PROVIDED_KEY.MASTER_KEY);
      await closeApp(app);
      await closeApp(await start(dataDir, { MASTER_KEY: next }));
    });
  });

  it('are never the target of a link in their place', () => {
    const dataDir = createDataDir();
    const target = join(temporaryFolder(), 'other-file');
    writeFileSync(target, 'content');
    const before = lstatSync(target).uid;
    symlinkSync(target, join(dataDir, 'link'));
    chownToDirectoryOwner(join(dataDir, 'link'));
    expect([lstatSync(target).uid, lstatSync(join(dataDir, 'link')).uid]).toEqual([before, SERVICE]);
  });
});

it('commands of a user without access to the data directory report that, and not a missing database', async () => {
  const dataDir = createDataDir();
  await createDatabase(dataDir);
  const copy = join(temporaryFolder(), 'copy.sqlite');
  chmodSync(join(copy, '..'), 0o777);
  for (const args of [
    ['backup', copy],
    ['audit', 'head'],
    ['master-key', 'rotate'],
  ])
    expect(await runWithoutAccess(dataDir, args)).toEqual({
      code: 2,
      out: '',
      err: `This user has no access to ${dataDir}. Run the command as the directory's owner or as root.`,
    });
});

it('doctor reports missing access to the data directory and skips its other checks there', async () => {
  const dataDir = createDataDir();
  await createDatabase(dataDir);
  if (!IS_ROOT) chmodSync(dataDir, 0);
  // In a separate process, because access() checks the real user and not the effective one.
  const { status, stdout, stderr } = spawnSync(process.execPath, [BUILT_SERVER, 'doctor'], {
    encoding: 'utf8',
    env: { ...process.env, ...PROVIDED_KEY, DATA_DIR: dataDir, PORT: '0' },
    ...(IS_ROOT && { uid: SERVICE - 1, gid: SERVICE - 1 }),
  });
  if (!IS_ROOT) chmodSync(dataDir, 0o700);
  const message = `This user has no access to ${dataDir}. Run the command as its owner or as root.`;
  expect([status, stderr]).toEqual([1, `PROBLEM  data directory: ${message}\n`]);
  expect(stdout).toMatch(/^ok {7}settings: .+\nok {7}port: .+\n$/);
});

it('a start fails if it may not read the next master key, and keeps the file', async () => {
  const dataDir = createDataDir();
  await createDatabase(dataDir);
  await run(dataDir, 'master-key', 'rotate');
  const next = join(dataDir, 'master.key.next');
  if (IS_ROOT) chownSync(next, 0, 0);
  else chmodSync(next, 0);
  await asService(async () => {
    const started = start(dataDir, PROVIDED_KEY);
    await expect(started).rejects.toThrow(UnreadableKeyError);
    await expect(started).rejects.toThrow(
      /^Can't read the master key from the file .*master\.key\.next\. Give this user read access\.$/,
    );
  });
  expect(readdirSync(dataDir)).toContain('master.key.next');
});
