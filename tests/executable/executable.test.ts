import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { version } from '../../package.json';
import { type HttpClient, signIn } from '../helpers/http';
import { ADMIN, type RunningServer, runCommand, startServer } from '../helpers/server';

/** So that no Node is found. */
const NO_PATH = '/nonexistent';
const directory = mkdtempSync(join(tmpdir(), 'my-ai-keys-executable-'));
const alone = join(directory, 'alone');
const temporary = join(directory, 'tmp');
const executable = join(alone, 'my-ai-keys');

let server: RunningServer;
let admin: HttpClient;

const run = (args: string[], settings: Record<string, string> = {}) =>
  runCommand(args, { PATH: NO_PATH, TMPDIR: temporary, ...settings }, { program: [executable] });

beforeAll(async () => {
  for (const path of [alone, join(alone, 'data'), temporary]) mkdirSync(path, { mode: 0o700 });
  if (process.env.MY_AI_KEYS_EXECUTABLE) copyFileSync(process.env.MY_AI_KEYS_EXECUTABLE, executable);
  else buildExecutable(executable);
  server = await startServer({
    program: [executable],
    settings: { PATH: NO_PATH, TMPDIR: temporary, DATA_DIR: join(alone, 'data') },
    firstAdmin: true,
  });
  admin = await signIn(server.url, ADMIN);
}, 120_000);

afterAll(async () => {
  await server?.stop();
  rmSync(directory, { recursive: true, force: true });
});

function buildExecutable(target: string): void {
  const script = fileURLToPath(new URL('../../app/executable/build-executable.mjs', import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, target], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stdout + stderr);
}

it('prints its version and its commands', async () => {
  expect(await run(['version'])).toEqual({ exitCode: 0, stdout: `${version}\n`, stderr: '' });
  const { exitCode, stdout } = await run(['help']);
  expect(exitCode).toBe(0);
  for (const command of ['serve', 'admin', 'backup', 'restore', 'audit', 'master-key', 'doctor', 'version'])
    expect(stdout).toContain(command);
});

it('serves pages and their assets without any file beside it', async () => {
  const html = await (await admin.get('/me/ai-keys')).text();
  expect(html).toContain('Available tools');
  const assets = [...html.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(([, path]) => path);
  expect(assets.length).toBeGreaterThan(2);
  for (const path of assets) {
    const response = await fetch(server.url + path, { headers: { 'Accept-Encoding': 'br' } });
    expect([path, response.status]).toEqual([path, 200]);
    expect((await response.text()).length).toBeGreaterThan(50);
  }
  expect(readdirSync(alone).sort()).toEqual(['data', 'my-ai-keys']);
});

it('issues a key that works at the gateway until it is revoked', async () => {
  const { data } = await admin.mutate('keys.request', {
    tool: 'echo',
    environment: 'development',
    purpose: 'trying the executable',
  });
  const { key, rawKey } = data as { key: { id: string }; rawKey: string };
  const callGateway = () =>
    fetch(`${server.url}/gateway/echo/v1/chat/completions`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${rawKey}`, 'Content-Type': 'application/json' },
      body: JSON.stringify({ model: 'echo', messages: [{ role: 'user', content: 'hello out there' }] }),
    });
  const response = await callGateway();
  expect([response.status, await response.text()]).toEqual([200, expect.stringContaining('hello out there')]);
  expect((await admin.mutate('keys.revoke', { keyId: key.id })).status).toBe(200);
  expect((await callGateway()).status).toBe(401);
});

it('makes a backup, restores it elsewhere, and passes doctor in both places', async () => {
  const DATA_DIR = join(alone, 'data');
  const file = join(directory, 'backup.sqlite');
  expect(await run(['backup', file], { DATA_DIR })).toMatchObject({ exitCode: 0, stderr: '' });
  const elsewhere = join(directory, 'elsewhere');
  expect(await run(['restore', file], { DATA_DIR: elsewhere })).toMatchObject({ exitCode: 0, stderr: '' });
  for (const settings of [
    { DATA_DIR, PORT: new URL(server.url).port },
    { DATA_DIR: elsewhere, PORT: '0' },
  ])
    expect(await run(['doctor'], settings)).toMatchObject({ exitCode: 0, stderr: '' });
});

it('leaves no native addon in the temporary directory', () => {
  expect(readdirSync(temporary)).toEqual([]);
});

it('explains what to do if native addons cannot be loaded from the temporary directory', async () => {
  const missing = await run(['version'], { TMPDIR: join(directory, 'missing') });
  expect(missing.exitCode).toBe(1);
  expect(missing.stderr).toMatch(/^Set TMPDIR to a writable directory .+\.\n$/);
});
