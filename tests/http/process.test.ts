import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { httpClient, signIn } from '../helpers/http';
import { ADMIN, BUILT_SERVER, runCommand, startServer } from '../helpers/server';

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'my-ai-keys-process-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

it('prints a new setup link at each start until the first admin exists', async () => {
  const DATA_DIR = folder();
  const first = await startServer({ settings: { DATA_DIR } });
  expect(await (await fetch(`${first.url}/sign-in`)).text()).toContain('Set up the server first');
  const oldLink = first.setupPath();
  expect(await (await fetch(first.url + oldLink)).text()).toContain('Create the first admin');
  await first.stop();

  const second = await startServer({ settings: { DATA_DIR } });
  const link = second.setupPath();
  expect(link).not.toBe(oldLink);
  expect(await (await fetch(second.url + oldLink)).text()).toContain('This setup link doesn’t work');
  const ada = httpClient(second.url);
  await ada.get(link);
  expect((await ada.post(link, { name: 'Ada', ...ADMIN })).headers.get('location')).toBe('/admin');
  expect((await ada.query('auth.session')).data).toMatchObject({ user: { role: 'admin' } });
  expect((await httpClient(second.url).get(link)).headers.get('location')).toBe('/sign-in');
  await second.stop();
});

it('on SIGTERM, aborts event streams, finishes open requests and exits with 0', async () => {
  const server = await startServer({ settings: { DATA_DIR: folder() }, firstAdmin: true });
  const admin = await signIn(server.url, ADMIN);
  const page = await admin.get('/api/trpc/live.changes', { Accept: 'text/event-stream' });
  const stream = page.text();

  const open = request(`${server.url}/sign-in`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded', Expect: '100-continue' },
  });
  const response = once(open, 'response') as Promise<[IncomingMessage]>;
  open.flushHeaders();
  await once(open, 'continue'); // the server is handling it
  const stopped = server.stop();
  await expect(stream).rejects.toThrow();
  open.end('email=nobody%40example.com&password=not+a+password+at+all');
  const [answer] = await response;
  expect(answer.statusCode).toBe(401);
  answer.resume();
  await stopped;
});

it('exits immediately on a second signal while requests are open', async () => {
  const server = await startServer({ settings: { DATA_DIR: folder() } });
  const open = request(`${server.url}/sign-in`, { method: 'POST', headers: { Expect: '100-continue' } });
  open.on('error', () => undefined);
  open.flushHeaders();
  await once(open, 'continue');
  process.kill(server.pid, 'SIGINT');
  await expect.poll(() => server.output()).toContain('"stopping"');
  await expect(server.stop()).rejects.toThrow('the server exited with SIGTERM:');
  expect(server.output().match(/"stopping"/g)).toHaveLength(1);
});

it.each([
  ['uncaughtException', "throw new Error('out of the blue')"],
  ['unhandledRejection', "void Promise.reject(new Error('out of the blue'))"],
])('logs one line and exits with 1 on %s', async (origin, fault) => {
  // The built server with a fault injected on a signal.
  const script = `process.on('SIGUSR2', () => { ${fault}; })`;
  const program = [
    process.execPath,
    '--import',
    `data:text/javascript,${encodeURIComponent(script)}`,
    BUILT_SERVER,
  ];
  const server = await startServer({ settings: { DATA_DIR: folder() }, program });
  process.kill(server.pid, 'SIGUSR2');
  // Wait, or the signal that `stop` sends could be first.
  await expect.poll(() => server.output()).toContain('out of the blue');
  await expect(server.stop()).rejects.toThrow('the server exited with 1:');
  const lines = server
    .output()
    .split('\n')
    .filter((line) => line.includes('out of the blue'));
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { level: 60, origin, err: { message: 'out of the blue' } },
  ]);
});

it.each([
  ['PORT', '70000', /^PORT .+\.$/],
  ['ORIGIN', 'keys.example.com', /^ORIGIN .+\.$/],
  ['LOG_LEVEL', 'loud', /^LOG_LEVEL .+\.$/],
  ['ADMIN_EMAIL', 'ada@example.com', /^ADMIN_EMAIL and ADMIN_PASSWORD .+\.$/],
])('exits with one sentence for %s=%s', async (name, value, sentence) => {
  const result = await runCommand(['serve'], { DATA_DIR: folder(), PORT: '0', [name]: value });
  expect(result.exitCode).toBe(1);
  expect(result.stderr.trim()).toMatch(sentence);
  expect(result.stderr.trim().split('\n')).toHaveLength(1);
});

it('exits with one sentence when the port is in use', async () => {
  const server = await startServer({ settings: { DATA_DIR: folder() } });
  const result = await runCommand(['serve'], { DATA_DIR: folder(), PORT: new URL(server.url).port });
  expect(result.exitCode).toBe(1);
  expect(result.stderr.trim()).toBe('Another program uses this port. Set PORT to a free one.');
  await server.stop();
});
