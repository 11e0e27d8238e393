import { request as httpRequest, type IncomingMessage } from 'node:http';
import { eq } from 'drizzle-orm';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { App } from '~/server/create-app.server';
import { tools } from '~db/schema';
import { callerAs, testApp } from '../helpers/app';
import { addKey, addTool, addUser, type IssuedKey } from '../helpers/factories';
import { serveGateway, serveUpstream, signal } from './harness';

let app: App;
let key: IssuedKey;
let toolId: string;
let origin: string;
/** Fires when the stand-in has a request; `gone` when that one's client has left, and `send` sends it more. */
let asked: ReturnType<typeof signal<{ gone: Promise<void>; send(text: string): void }>>;
/** Whether the stand-in begins to answer. */
let begins: boolean;

beforeEach(async () => {
  app = await testApp();
  asked = signal();
  begins = true;
  const upstreamUrl = await serveUpstream((_, response) => {
    const gone = signal();
    response.once('close', () => gone.fire());
    if (begins) response.write('data: 1\n\n');
    asked.fire({ gone: gone.promise, send: (text) => void response.write(text) });
  });
  const tool = await addTool(app, { slug: 'acme', displayName: 'Acme', needsCredential: false, upstreamUrl });
  toolId = tool.id;
  key = await addKey(app, tool.id);
  ({ origin } = await serveGateway(app));
});

const headersOf = ({ rawKey }: IssuedKey) => ({ authorization: `Bearer ${rawKey}` });

/** A call under way, its answer begun. */
async function openStream(held: IssuedKey = key) {
  asked = signal();
  const request = httpRequest(`${origin}/gateway/acme/x`, { agent: false, headers: headersOf(held) });
  request.on('error', () => undefined); // the connection may break after the answer, too
  const answer = new Promise<IncomingMessage>((resolve) => request.once('response', resolve));
  request.end();
  const [{ gone, send }, response] = [await asked.promise, await answer];
  const broken = signal<boolean>();
  response.on('error', () => broken.fire(true)).on('end', () => broken.fire(false));
  await new Promise((resolve) => response.once('data', resolve));
  /** Whether the next event still arrives. */
  const goesOn = () =>
    new Promise<boolean>((resolve) => {
      response.once('data', (event) => resolve(String(event) === 'data: 2\n\n'));
      broken.promise.then(() => resolve(false));
      send('data: 2\n\n');
    });
  return { broken: broken.promise, gone, goesOn };
}

/** What ends the calls of `key`, and the words of the refusal that the next one gets. */
const ENDINGS: [name: string, end: () => Promise<unknown>, status: number, words: string][] = [
  ['the key is revoked', () => callerAs(app, key.holderId).keys.revoke({ keyId: key.id }), 401, 'revoked'],
  [
    'an admin revokes it',
    async () => {
      const admin = await addUser(app, 'admin');
      await callerAs(app, admin.id).keys.revoke({ keyId: key.id, reason: 'it leaked' });
    },
    401,
    'revoked',
  ],
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

describe.each(ENDINGS)('when %s', (_, end, status, words) => {
  test('its streams break off, at the client and at the upstream', async () => {
    const streams = [await openStream(), await openStream(), await openStream()];
    await end();
    for (const { broken, gone } of streams) {
      expect(await broken).toBe(true);
      await gone;
    }
  });

  test('a call that has no answer yet is refused in the dialect, and leaves the upstream', async () => {
    begins = false;
    const answer = fetch(`${origin}/gateway/acme/x`, { headers: headersOf(key) });
    const { gone } = await asked.promise;
    await end();
    const response = await answer;
    expect(response.status).toBe(status);
    expect((await response.json()).error.message).toContain(words);
    await gone;
  });

  test('the next call is refused', async () => {
    await end();
    for (const endpoint of ['gateway', 'verify']) {
      const response = await fetch(`${origin}/${endpoint}/acme/x`, { headers: headersOf(key) });
      expect(response.status).toBe(status);
    }
  });

  test('other people’s streams go on, unless they are of the tool that was archived', async () => {
    const other = await addKey(app, toolId);
    const mine = await openStream();
    const theirs = await openStream(other);
    await end();
    await mine.gone;
    expect(await theirs.goesOn()).toBe(words !== 'archived');
  });
});

test('a request whose body is still on its way when its key is revoked is refused in the middle of it', async () => {
  begins = false;
  const request = httpRequest(`${origin}/gateway/acme/x`, {
    method: 'POST',
    agent: false,
    headers: { ...headersOf(key), 'content-length': 10 },
  });
  request.on('error', () => undefined); // the connection may break after the answer, too
  const answer = new Promise<IncomingMessage>((resolve) => request.once('response', resolve));
  request.flushHeaders();
  const { gone } = await asked.promise;
  await callerAs(app, key.holderId).keys.revoke({ keyId: key.id });
  expect((await answer).statusCode).toBe(401);
  await gone;
  request.end('0123456789');
});

test('an answer that the upstream has sent whole, but a slow client has not yet got, is cut too', async () => {
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

test('a change of the tool that does not archive it leaves its streams alone', async () => {
  const { goesOn } = await openStream();
  app.events.emit('tool-changed', { toolId });
  app.events.emit('user-changed', { userId: key.holderId });
  app.events.emit('key-changed', { keyId: key.id, holderId: key.holderId, toolId, status: 'ACTIVE' });
  const other = await fetch(`${origin}/verify/acme`, { headers: headersOf(key) });
  expect(other.status).toBe(200);
  expect(await goesOn()).toBe(true);
});

test('calls of which the database cannot say whether they may go on are ended, and the change stands', async () => {
  const log = vi.spyOn(app.log, 'error').mockReturnValue();
  const [first, second] = [await openStream(), await openStream()];
  app.db.connections.read.close();
  app.events.emit('user-changed', { userId: key.holderId });
  for (const { broken, gone } of [first, second]) {
    expect(await broken).toBe(true);
    await gone;
  }
  app.events.emit('tool-changed', { toolId });
  expect(log).toHaveBeenCalledTimes(3);
});

test('a tool that an admin has changed is refused in its new name and dialect at once', async () => {
  const refused = async () => await (await fetch(`${origin}/gateway/acme`)).json();
  expect(await refused()).toMatchObject({ error: { type: 'invalid_request_error' } });
  const admin = callerAs(app, (await addUser(app, 'admin')).id);
  await admin.tools.update({ tool: 'acme', dialect: 'anthropic', displayName: 'Acme Two' });
  expect(await refused()).toMatchObject({ error: { type: 'authentication_error' } });
  await admin.tools.archive({ tool: 'acme' });
  const archived = await fetch(`${origin}/gateway/acme/x`, { headers: headersOf(key) });
  expect((await archived.json()).error.message).toContain('Acme Two has been archived');
});

describe.each(['verify/acme', 'gateway/echo/v1/models'])(
  '20 clients calling %s as fast as they can',
  (path) => {
    test('never get through with a call begun after the revocation was acknowledged', async () => {
      const held = path.startsWith('verify') ? key : await addKey(app, await echoId());
      let acknowledged = false;
      let accepted = 0;
      let refused = 0;
      const late: number[] = [];
      const client = async () => {
        for (let after = 0; after < 5; ) {
          const startedAfter = acknowledged;
          const { status } = await fetch(`${origin}/${path}`, { headers: headersOf(held) });
          if (startedAfter) late.push(status);
          if (startedAfter) after++;
          if (status === 200) accepted++;
          else refused++;
        }
      };
      const clients = Array.from({ length: 20 }, client);
      await expect.poll(() => accepted).toBeGreaterThan(100);
      await callerAs(app, held.holderId).keys.revoke({ keyId: held.id });
      acknowledged = true;
      await Promise.all(clients);
      expect(late).toHaveLength(100);
      expect(new Set(late)).toEqual(new Set([401]));
      expect(refused).toBeGreaterThanOrEqual(100);
    });
  },
);

async function echoId(): Promise<string> {
  const [echo] = await app.db.read.select({ id: tools.id }).from(tools).where(eq(tools.slug, 'echo'));
  return echo?.id ?? '';
}
