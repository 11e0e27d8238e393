import type { ServerResponse } from 'node:http';
import { beforeEach, describe, expect, test } from 'vitest';
import { ActiveCalls } from '~/gateway/active-calls.server';
import type { App } from '~/server/create-app.server';
import { callerAs, testApp } from '../helpers/app';
import { addKey, addTool, type IssuedKey } from '../helpers/factories';
import { serveGateway, serveUpstream } from './harness';

let app: App;
let origin: string;
let upstreamUrl: string;
/** The calls that the upstream has received, in order. It responds to none by itself. */
let waiting: ServerResponse[];

async function start(settings: Record<string, string> = {}) {
  app = await testApp(settings);
  waiting = [];
  upstreamUrl = await serveUpstream((_, response) => waiting.push(response));
  ({ origin } = await serveGateway(app));
}

const make = (slug: string, changes: { maxConcurrentPerKey?: number; maxConcurrent?: number } = {}) =>
  addTool(app, { slug, displayName: slug, needsCredential: false, upstreamUrl, ...changes });

const call = (slug: string, { rawKey }: IssuedKey) =>
  fetch(`${origin}/gateway/${slug}/x`, { headers: { authorization: `Bearer ${rawKey}` } });

/** Starts a call and waits until the upstream has it. */
async function begin(slug: string, key: IssuedKey): Promise<{ answer: Promise<Response> }> {
  const before = waiting.length;
  const answer = call(slug, key);
  await expect.poll(() => waiting.length).toBe(before + 1);
  return { answer };
}

async function expectBusy(answer: Promise<Response>, message: string) {
  const response = await answer;
  expect(response.status).toBe(429);
  expect(response.headers.get('retry-after')).toBe('1');
  expect((await response.json()).error.message).toContain(message);
}

describe('concurrent calls', () => {
  test('are limited per key by its tool until one ends', async () => {
    await start();
    const { id } = await make('acme', { maxConcurrentPerKey: 2 });
    const [key, other] = [await addKey(app, id), await addKey(app, id)];
    const { answer } = await begin('acme', key);
    await begin('acme', key);
    await expectBusy(call('acme', key), 'with this key');
    await begin('acme', other);
    waiting[0]?.end('done');
    expect(await (await answer).text()).toBe('done');
    await begin('acme', key);
    await expectBusy(call('acme', key), 'with this key');
  });

  test('are limited per tool', async () => {
    await start();
    const [acme, other] = [await make('acme', { maxConcurrent: 1 }), await make('other')];
    const [key, second, elsewhere] = [
      await addKey(app, acme.id),
      await addKey(app, acme.id),
      await addKey(app, other.id),
    ];
    await begin('acme', key);
    await expectBusy(call('acme', second), 'Too many calls to acme');
    await begin('other', elsewhere);
  });

  test('are limited for the server and per key by its settings', async () => {
    await start({ GATEWAY_MAX_CONCURRENT: '3', GATEWAY_MAX_CONCURRENT_PER_KEY: '2' });
    const [acme, other] = [await make('acme'), await make('other')];
    const [key, elsewhere] = [await addKey(app, acme.id), await addKey(app, other.id)];
    await begin('acme', key);
    await begin('acme', key);
    await expectBusy(call('acme', key), 'with this key');
    await begin('other', elsewhere);
    await expectBusy(call('other', elsewhere), 'Too many calls in progress. Try');
  });

  test('don’t include calls to the verify endpoint', async () => {
    await start({ GATEWAY_MAX_CONCURRENT: '1' });
    const { id } = await make('acme', { maxConcurrentPerKey: 1 });
    const key = await addKey(app, id);
    await begin('acme', key);
    const response = await fetch(`${origin}/verify/acme`, { headers: { 'x-api-key': key.rawKey } });
    expect(response.status).toBe(200);
  });
});

describe('a call no longer counts towards the limits', () => {
  beforeEach(async () => {
    await start({ GATEWAY_MAX_CONCURRENT: '1' });
  });

  test('when the key is revoked', async () => {
    const { id } = await make('acme');
    const [key, other] = [await addKey(app, id), await addKey(app, id)];
    const { answer } = await begin('acme', key);
    await callerAs(app, key.holderId).keys.revoke({ keyId: key.id });
    expect((await answer).status).toBe(401);
    await begin('acme', other);
  });

  test('when it is rejected after the key check', async () => {
    const { id } = await make('acme');
    const key = await addKey(app, id);
    for (let round = 0; round < 3; round++) {
      const response = await fetch(`${origin}/gateway/acme/a%2f..%2fb`, {
        headers: { 'x-api-key': key.rawKey },
      });
      expect(response.status).toBe(400);
    }
    await begin('acme', key);
  });
});

describe('the list of active calls', () => {
  const make = (keyId: string, abort: () => void = () => undefined) => ({
    keyId,
    holderId: `holder-of-${keyId}`,
    toolId: 'tool',
    index: null,
    abort,
  });

  test('counts each call once, even if it is removed twice', () => {
    const calls = new ActiveCalls({ overall: 9, perKey: 9 });
    const [a, b, c] = [make('a'), make('a'), make('b')];
    const counts = () => [
      calls.countOfKey('a'),
      calls.countOfKey('b'),
      calls.countOfTool('tool'),
      calls.size,
    ];
    for (const call of [a, b, c]) calls.add(call);
    expect(counts()).toEqual([2, 1, 3, 3]);
    for (const call of [a, a, b, a]) calls.remove(call);
    expect(counts()).toEqual([0, 1, 1, 1]);
    calls.remove(c);
    expect(counts()).toEqual([0, 0, 0, 0]);
  });

  test('aborts the matching calls only, even if calls are removed meanwhile', () => {
    const calls = new ActiveCalls({ overall: 9, perKey: 9 });
    const aborted: string[] = [];
    const add = (keyId: string, name: string) => {
      const call = make(keyId, () => {
        aborted.push(name);
        calls.remove(call);
      });
      calls.add(call);
    };
    for (const name of ['b1', 'a1', 'b2', 'a2', 'a3']) add(name.slice(0, 1), name);
    calls.abortWhere(({ keyId }) => keyId === 'a', 'key-revoked');
    expect(aborted).toEqual(['a1', 'a2', 'a3']);
    calls.abortWhere(() => true, 'shutting-down');
    expect(aborted.slice(3).sort()).toEqual(['b1', 'b2']);
    expect(calls.size).toBe(0);
  });
});
