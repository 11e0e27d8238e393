import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { signIn as logIn } from '../helpers/http';
import { ADMIN, BUILT_SERVER, runCommand, startServer } from '../helpers/server';

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'my-ai-keys-process-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

it('prints a set-up link on an empty database, and another one at the next start', async () => {
  const DATA_DIR = folder();
  const first = await startServer({ settings: { DATA_DIR } });
  const link = first.setupPath();
  expect((await fetch(first.url + link)).status).toBe(200);
  await first.stop();
  const second = await startServer({ settings: { DATA_DIR } });
  expect(second.setupPath()).not.toBe(link);
  expect(await (await fetch(second.url + link)).text()).toContain('This setup link doesn’t work');
  await second.stop();
});

it('keeps the set-up link out of the structured log', async () => {
  const server = await startServer({ settings: { DATA_DIR: folder() } });
  const token = new URL(server.url + server.setupPath()).searchParams.get('token') ?? '';
  await fetch(server.url + server.setupPath());
  const logged = server
    .output()
    .split('\n')
    .filter((line) => line.startsWith('{'));
  expect(token.length).toBeGreaterThan(20);
  expect(logged.length).toBeGreaterThan(1);
  expect(logged.filter((line) => line.includes(token))).toEqual([]);
  await server.stop();
});

it('lets go of listening pages, answers what is under way, and then ends with 0, on SIGTERM', async () => {
  const server = await startServer({ settings: { DATA_DIR: folder() }, firstAdmin: true });
  const admin = await logIn(server.url, ADMIN);
  const page = await admin.get('/api/trpc/live.changes', { Accept: 'text/event-stream' });
  const listening = page.text();

  const signIn = request(`${server.url}/sign-in`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded', Expect: '100-continue' },
  });
  const answer = once(signIn, 'response');
  signIn.flushHeaders();
  await once(signIn, 'continue'); // the server has begun with it
  const stopped = server.stop();
  await expect(listening).rejects.toThrow(); // broken off, so that browsers connect again
  signIn.end('email=nobody%40example.com&password=not+a+password+at+all');
  const [response] = (await answer) as [IncomingMessage];
  expect(response.statusCode).toBe(401);
  response.resume();
  await stopped;
});

it('ends at once, rather than stop twice, on a second signal of another kind while answers are under way', async () => {
  const server = await startServer({ settings: { DATA_DIR: folder() } });
  const signIn = request(`${server.url}/sign-in`, { method: 'POST', headers: { Expect: '100-continue' } });
  signIn.on('error', () => undefined);
  signIn.flushHeaders();
  await once(signIn, 'continue');
  process.kill(server.pid, 'SIGINT');
  await expect.poll(() => server.output()).toContain('"stopping"');
  await expect(server.stop()).rejects.toThrow('the server ended with a kill:');
  expect(server.output().match(/"stopping"/g)).toHaveLength(1);
});

it.each([
  ['an error that nothing caught', 'throw new Error(why)', 'uncaughtException'],
  ['a rejection that nothing awaited', 'void Promise.reject(new Error(why))', 'unhandledRejection'],
])('says in one line of its log that %s ends it, and ends with 1', async (_what, fault, origin) => {
  // The built server, with a fault from without: on a signal, since there is none to be had from within.
  const script = `process.on('SIGUSR2', () => { const why = 'out of the blue'; ${fault}; })`;
  const program = [
    process.execPath,
    '--import',
    `data:text/javascript,${encodeURIComponent(script)}`,
    BUILT_SERVER,
  ];
  const server = await startServer({ settings: { DATA_DIR: folder() }, program });
  process.kill(server.pid, 'SIGUSR2');
  // Not to be overtaken by the signal that `stop` sends.
  await expect.poll(() => server.output()).toContain('out of the blue');
  await expect(server.stop()).rejects.toThrow('the server ended with 1:');
  const told = server
    .output()
    .split('\n')
    .filter((line) => line.includes('out of the blue'));
  expect(told.map((line) => JSON.parse(line))).toMatchObject([
    { level: 60, origin, err: { message: 'out of the blue' } },
  ]);
});

it.each([
  ['PORT', '70000', /^PORT .+\.$/],
  ['ORIGIN', 'keys.example.com', /^ORIGIN .+\.$/],
  ['LOG_LEVEL', 'loud', /^LOG_LEVEL .+\.$/],
  ['ADMIN_EMAIL', 'ada@example.com', /^ADMIN_EMAIL and ADMIN_PASSWORD .+\.$/],
])('stops with one sentence for %s=%s', async (name, value, sentence) => {
  const result = await runCommand(['serve'], { DATA_DIR: folder(), PORT: '0', [name]: value });
  expect(result.exitCode).toBe(1);
  expect(result.stderr.trim()).toMatch(sentence);
  expect(result.stderr.trim().split('\n')).toHaveLength(1);
});

it('stops with one sentence when the port is taken', async () => {
  const server = await startServer({ settings: { DATA_DIR: folder() } });
  const result = await runCommand(['serve'], { DATA_DIR: folder(), PORT: new URL(server.url).port });
  expect(result.exitCode).toBe(1);
  expect(result.stderr.trim()).toBe('Another program uses this port. Set PORT to a free one.');
  await server.stop();
});
