import { eq } from 'drizzle-orm';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createLastUsedRecorder } from '~/gateway/last-used.server';
import type { App } from '~/server/create-app.server';
import { keys } from '~db/schema';
import { callerAs, testApp } from '../helpers/app';
import { addKey, addTool, type IssuedKey } from '../helpers/factories';
import { serveGateway } from './harness';

let app: App;
let key: IssuedKey;
let now: number;

beforeEach(async () => {
  app = await testApp();
  now = 1_800_000_000_000;
  app.now = () => now;
  const tool = await addTool(app, { slug: 'acme' });
  key = await addKey(app, tool.id);
});

afterEach(() => {
  vi.useRealTimers();
});

async function lastUsedAt(id = key.id) {
  const [row] = await app.db.read.select({ at: keys.lastUsedAt }).from(keys).where(eq(keys.id, id));
  return row?.at ?? null;
}

test('uses of keys are written in one batch after at most two seconds', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const write = vi.spyOn(app.db, 'write');
  const recorder = createLastUsedRecorder(app);
  const [tool] = [await addTool(app, { slug: 'other' })];
  const other = await addKey(app, tool.id);
  write.mockClear();
  recorder.record(key.id);
  now += 1_000;
  vi.advanceTimersByTime(1_000);
  recorder.record(other.id);
  recorder.record(key.id);
  expect(write).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1_000);
  await recorder.flush();
  expect(write).toHaveBeenCalledTimes(1);
  expect(await lastUsedAt()).toBe(now);
  expect(await lastUsedAt(other.id)).toBe(now);
});

test('last use writes nothing while no key is used', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const write = vi.spyOn(app.db, 'write');
  const recorder = createLastUsedRecorder(app);
  vi.advanceTimersByTime(60_000);
  await recorder.close();
  expect(write).not.toHaveBeenCalled();
});

test('last use never moves back, even if the clock does', async () => {
  const recorder = createLastUsedRecorder(app);
  recorder.record(key.id);
  await recorder.flush();
  const first = now;
  now -= 60_000;
  recorder.record(key.id);
  await recorder.flush();
  expect(await lastUsedAt()).toBe(first);
});

test('pending uses are written on close', async () => {
  const recorder = createLastUsedRecorder(app);
  recorder.record(key.id);
  await recorder.close();
  expect(await lastUsedAt()).toBe(now);
});

test('a batch of uses emits one event per key, with its holder', async () => {
  const events: unknown[] = [];
  app.events.on('key-used', (use) => events.push(use));
  const recorder = createLastUsedRecorder(app);
  for (let use = 0; use < 10; use++) recorder.record(key.id);
  recorder.record('key_that_is_not_there');
  await recorder.flush();
  expect(events).toEqual([{ keyId: key.id, holderId: key.holderId }]);
});

test('a batch of uses that can’t be written is logged, and later batches are written', async () => {
  const error = vi.spyOn(app.log, 'error').mockReturnValue();
  const recorder = createLastUsedRecorder(app);
  vi.spyOn(app.db, 'write').mockRejectedValueOnce(new Error('disk full'));
  recorder.record(key.id);
  await recorder.flush();
  expect(error).toHaveBeenCalledOnce();
  recorder.record(key.id);
  await recorder.flush();
  expect(await lastUsedAt()).toBe(now);
});

test('the last use of a key is written even if it was revoked meanwhile', async () => {
  const recorder = createLastUsedRecorder(app);
  recorder.record(key.id);
  await callerAs(app, key.holderId).keys.revoke({ keyId: key.id });
  await recorder.flush();
  expect(await lastUsedAt()).toBe(now);
});

test('both endpoints record the use of accepted keys only', async () => {
  const [verified, refused] = [key, await addKey(app, (await addTool(app, { slug: 'other' })).id)];
  const unserved = await addKey(app, (await addTool(app, { slug: 'unserved', needsCredential: true })).id);
  const [row] = await app.db.read.query.tools.findMany({ where: (tools) => eq(tools.slug, 'echo') });
  const proxied = await addKey(app, row?.id ?? '');
  const { origin, gateway } = await serveGateway(app);
  const ask = (path: string, { rawKey }: IssuedKey) =>
    fetch(origin + path, { headers: { 'x-api-key': rawKey } });
  expect((await ask('/verify/acme', verified)).status).toBe(200);
  expect((await ask('/gateway/echo/v1/models', proxied)).status).toBe(200);
  expect((await ask('/verify/acme', refused)).status).toBe(403);
  expect((await ask('/gateway/unserved/x', unserved)).status).toBe(503);
  await gateway.close();
  const times = await Promise.all([verified, proxied, refused, unserved].map(({ id }) => lastUsedAt(id)));
  expect(times).toEqual([now, now, null, null]);
});
