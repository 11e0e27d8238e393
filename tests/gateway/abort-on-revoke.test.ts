import { request as httpRequest, type IncomingMessage } from 'node:http';
import { eq } from 'drizzle-orm';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { App } from '~/server/create-app.server';
import { tools } from '~db/schema';
import { callerAs, testApp } from '../helpers/app';
import { addKey, addTool, addUser, type IssuedKey } from '../helpers/factories';
import { serveTool, serveUpstream, signal } from './harness';

let app: App;
let key: IssuedKey;
let toolId: string;
let origin: string;
/** Fires when the upstream has a request. `gone` resolves when its client disconnects; `send` sends more of the response. */
let received: ReturnType<typeof signal<{ disconnected: Promise<void>; send(text: string): void }>>;
/** Whether the upstream starts its response. */
let begins: boolean;

beforeEach(async () => {
  app = await testApp();
  received = signal();
  begins = true;
  const upstreamUrl = await serveUpstream((_, response) => {
    const disconnected = signal();
    response.once('close', () => disconnected.fire());
    if (begins) response.write('data: 1\n\n');
    received.fire({ disconnected: disconnected.promise, send: (text) => void response.write(text) });
  });
  ({ toolId, key, origin } = await serveTool(app, { upstreamUrl }));
});

const headersOf = ({ rawKey }: IssuedKey) => ({ authorization: `Bearer ${rawKey}` });

/** Starts a call and waits for the first event of its response. */
async function openStream(held: IssuedKey = key) {
  received = signal();
  const request = httpRequest(`${origin}/gateway/acme/x`, { agent: false, headers: headersOf(held) });
  request.on('error', () => undefined); // the connection may break after the response, too
  const answer = new Promise<IncomingMessage>((resolve) => request.once('response', resolve));
  request.end();
  const [{ disconnected, send }, response] = [await received.promise, await answer];
  const broken = signal<boolean>();
  response.on('error', () => broken.fire(true)).on('end', () => broken.fire(false));
  await new Promise((resolve) => response.once('data', resolve));
  /** Resolves to whether the next event arrives. */
  const goesOn = () =>
    new Promise<boolean>((resolve) => {
      response.once('data', (event) => resolve(String(event) === 'data: 2\n\n'));
      void broken.promise.then(() => resolve(false));
      send('data: 2\n\n');
    });
  return { broken: broken.promise, disconnected, goesOn };
}

/** What aborts the calls of `key`, and the error that they get. */
const ENDINGS: [name: string, end: () => Promise<unknown>, status: number, message: string][] = [
  ['the key is revoked', () => callerAs(app, key.holderId).keys.revoke({ keyId: key.id }), 401, 'revoked'],
  [
    'its holder is disabled',
    async () => {
      const admin = await addUser(app, 'admin');
      await callerAs(app, admin.id).users.disable({ userId: key.holderId });
    },
    401,
    'disabled',
  ],
  [
    'its tool is archived',
    async () => {
      const admin = await addUser(app, 'admin');
      await callerAs(app, admin.id).tools.archive({ tool: 'acme' });
    },
    403,
    'archived',
  ],
];

describe.each(ENDINGS)('when %s', (_, end, status, message) => {
  test('its streams break off at client and upstream', async () => {
    const streams = [await openStream(), await openStream(), await openStream()];
    await end();
    for (const { broken, disconnected } of streams) {
      expect(await broken).toBe(true);
      await disconnected;
    }
  });

  test('a call without a response gets an error in the dialect, and its upstream request ends', async () => {
    begins = false;
    const answer = fetch(`${origin}/gateway/acme/x`, { headers: headersOf(key) });
    const { disconnected } = await received.promise;
    await end();
    const response = await answer;
    expect(response.status).toBe(status);
    expect((await response.json()).error.message).toContain(message);
    await disconnected;
  });

  test('streams of other keys continue, unless their tool was archived', async () => {
    const other = await addKey(app, toolId);
    const mine = await openStream();
    const theirs = await openStream(other);
    await end();
    await mine.disconnected;
    expect(await theirs.goesOn()).toBe(message !== 'archived');
  });
});

test('a key revoked while a request body arrives refuses the request', async () => {
  begins = false;
  const request = httpRequest(`${origin}/gateway/acme/x`, {
    method: 'POST',
    agent: false,
    headers: { ...headersOf(key), 'content-length': 10 },
  });
  request.on('error', () => undefined); // the connection may break after the response, too
  const answer = new Promise<IncomingMessage>((resolve) => request.once('response', resolve));
  request.flushHeaders();
  const { disconnected } = await received.promise;
  await callerAs(app, key.holderId).keys.revoke({ keyId: key.id });
  expect((await answer).statusCode).toBe(401);
  await disconnected;
  request.end('0123456789');
});

test('a key revoked while a slow client receives a complete response breaks it off', async () => {
  const upstreamUrl = await serveUpstream((_, response) => response.end(Buffer.alloc(8 * 1024 * 1024)));
  const tool = await addTool(app, { slug: 'large', needsCredential: false, upstreamUrl });
  const held = await addKey(app, tool.id);
  const request = httpRequest(`${origin}/gateway/large/x`, { agent: false, headers: headersOf(held) });
  request.on('error', () => undefined).end();
  const response = await new Promise<IncomingMessage>((resolve) => request.once('response', resolve));
  response.pause();
  const broken = signal<boolean>();
  response.on('error', () => broken.fire(true)).on('end', () => broken.fire(false));
  await callerAs(app, held.holderId).keys.revoke({ keyId: held.id });
  response.resume();
  expect(await broken.promise).toBe(true);
});

test('streams continue when their tool, user or key changes without ending them', async () => {
  const { goesOn } = await openStream();
  app.events.emit('tool-changed', { toolId });
  app.events.emit('user-changed', { userId: key.holderId });
  app.events.emit('key-changed', { keyId: key.id, holderId: key.holderId, toolId, status: 'ACTIVE' });
  const other = await fetch(`${origin}/verify/acme`, { headers: headersOf(key) });
  expect(other.status).toBe(200);
  expect(await goesOn()).toBe(true);
});

test('calls are aborted if the database can’t be read after a change', async () => {
  const log = vi.spyOn(app.log, 'error').mockReturnValue();
  const [first, second] = [await openStream(), await openStream()];
  app.db.connections.read.close();
  app.events.emit('user-changed', { userId: key.holderId });
  for (const { broken, disconnected } of [first, second]) {
    expect(await broken).toBe(true);
    await disconnected;
  }
  app.events.emit('tool-changed', { toolId });
  expect(log).toHaveBeenCalledTimes(3);
});

test('errors use a tool’s new name and dialect as soon as an admin changes it', async () => {
  const refused = async () => await (await fetch(`${origin}/gateway/acme`)).json();
  expect(await refused()).toMatchObject({ error: { type: 'invalid_request_error' } });
  const admin = callerAs(app, (await addUser(app, 'admin')).id);
  await admin.tools.update({ tool: 'acme', dialect: 'anthropic', displayName: 'Acme Two' });
  expect(await refused()).toMatchObject({ error: { type: 'authentication_error' } });
  await admin.tools.archive({ tool: 'acme' });
  const archived = await fetch(`${origin}/gateway/acme/x`, { headers: headersOf(key) });
  expect((await archived.json()).error.message).toContain('Acme Two is archived');
});

test.each(['verify/acme', 'gateway/echo/v1/models'])(
  '20 concurrent clients of %s are never accepted after the revocation was acknowledged',
  async (path) => {
    const held = path.startsWith('verify') ? key : await addKey(app, await echoId());
    let acknowledged = false;
    let accepted = 0;
    const client = async () => {
      const late: number[] = [];
      while (late.length < 5) {
        const isLate = acknowledged;
        const { status } = await fetch(`${origin}/${path}`, { headers: headersOf(held) });
        if (isLate) late.push(status);
        if (status === 200) accepted++;
      }
      return late;
    };
    const clients = Array.from({ length: 20 }, client);
    await expect.poll(() => accepted).toBeGreaterThan(100);
    await callerAs(app, held.holderId).keys.revoke({ keyId: held.id });
    acknowledged = true;
    expect((await Promise.all(clients)).flat()).toEqual(Array(100).fill(401));
  },
);

async function echoId(): Promise<string> {
  const [echo] = await app.db.read.select({ id: tools.id }).from(tools).where(eq(tools.slug, 'echo'));
  return echo?.id ?? '';
}
