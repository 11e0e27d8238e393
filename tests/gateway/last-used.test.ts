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

test('a use is written after two seconds at the latest, together with the others of that time', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const write = vi.spyOn(app.db, 'write');
  const notes = createLastUsedRecorder(app);
  const [tool] = [await addTool(app, { slug: 'other' })];
  const other = await addKey(app, tool.id);
  write.mockClear();
  notes.record(key.id);
  now += 1_000;
  vi.advanceTimersByTime(1_000);
  notes.record(other.id);
  notes.record(key.id);
  expect(write).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1_000);
  await notes.flush();
  expect(write).toHaveBeenCalledTimes(1);
  expect(await lastUsedAt()).toBe(now);
  expect(await lastUsedAt(other.id)).toBe(now);
});

test('nothing is written while nothing is used', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const write = vi.spyOn(app.db, 'write');
  const notes = createLastUsedRecorder(app);
  vi.advanceTimersByTime(60_000);
  await notes.close();
  expect(write).not.toHaveBeenCalled();
});

test('last used never moves back, even if the clock does', async () => {
  const notes = createLastUsedRecorder(app);
  notes.record(key.id);
  await notes.flush();
  const first = now;
  now -= 60_000;
  notes.record(key.id);
  await notes.flush();
  expect(await lastUsedAt()).toBe(first);
});

test('what is noted is written at the end', async () => {
  const notes = createLastUsedRecorder(app);
  notes.record(key.id);
  await notes.close();
  expect(await lastUsedAt()).toBe(now);
});

test('each key used is announced once a batch, with its holder and nothing secret', async () => {
  const told: unknown[] = [];
  app.events.on('key-used', (use) => told.push(use));
  const notes = createLastUsedRecorder(app);
  for (let use = 0; use < 10; use++) notes.record(key.id);
  notes.record('key_that_is_not_there');
  await notes.flush();
  expect(told).toEqual([{ keyId: key.id, holderId: key.holderId }]);
});

test('a batch that cannot be written is reported, and harms neither calls nor later batches', async () => {
  const error = vi.spyOn(app.log, 'error').mockReturnValue();
  const notes = createLastUsedRecorder(app);
  vi.spyOn(app.db, 'write').mockRejectedValueOnce(new Error('disk full'));
  notes.record(key.id);
  await notes.flush();
  expect(error).toHaveBeenCalledOnce();
  notes.record(key.id);
  await notes.flush();
  expect(await lastUsedAt()).toBe(now);
});

test('a revoked key keeps the time of its last use', async () => {
  const notes = createLastUsedRecorder(app);
  notes.record(key.id);
  await callerAs(app, key.holderId).keys.revoke({ keyId: key.id });
  await notes.flush();
  expect(await lastUsedAt()).toBe(now);
});

test('both endpoints note an accepted key, and neither a refused one', async () => {
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
