import { createHash } from 'node:crypto';
import { request as httpRequest, type IncomingMessage, type Server } from 'node:http';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { beforeEach, describe, expect, test } from 'vitest';
import type { App } from '~/server/create-app.server';
import { callerAs, testApp } from '../helpers/app';
import { addCredential, addKey, addTool, CREDENTIAL, type IssuedKey } from '../helpers/factories';
import { exchange, serveGateway, serveUpstream, signal } from './harness';

let app: App;
let key: IssuedKey;
let url: string;
/** The upgrade request that the upstream received. */
let upgradeRequest: IncomingMessage | undefined;
let upstreamSocket: ReturnType<typeof signal<Duplex>>;
let accepts: boolean;

const NONCE = 'dGhlIHNhbXBsZSBub25jZQ==';
const acceptOf = (nonce: string) =>
  createHash('sha1').update(`${nonce}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');

/** Upgrades, sends a greeting, and echoes everything in upper case. */
function shoutBack(server: Server) {
  server.on('upgrade', (request, socket: Duplex, head) => {
    upgradeRequest = request;
    socket.on('error', () => undefined).once('end', () => socket.end());
    if (!accepts) {
      socket.end('HTTP/1.1 403 Forbidden\r\nX-Own: 1\r\nSet-Cookie: a=b\r\nContent-Length: 2\r\n\r\nno');
      return;
    }
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nX-Own: 1\r\nSet-Cookie: a=b\r\nSec-WebSocket-Accept: ${acceptOf(String(request.headers['sec-websocket-key']))}\r\n\r\nhello `,
    );
    socket.on('data', (data: Buffer) => socket.write(data.toString('latin1').toUpperCase(), 'latin1'));
    if (head.length > 0) socket.write(head.toString('latin1').toUpperCase(), 'latin1');
    upstreamSocket.fire(socket);
  });
}

beforeEach(async () => {
  app = await testApp();
  accepts = true;
  upgradeRequest = undefined;
  upstreamSocket = signal();
  const upstreamUrl = await serveUpstream((_, response) => response.end('plain'), shoutBack);
  const tool = await addTool(app, { slug: 'acme', displayName: 'Acme', upstreamUrl, maxConcurrentPerKey: 1 });
  await addCredential(app, tool.id);
  key = await addKey(app, tool.id);
  url = `${(await serveGateway(app)).origin}/gateway/acme/v1/realtime?model=m`;
});

/** Requests a WebSocket. Returns its socket, or the response that rejects it. */
function ask(
  rawKey: string,
  target = url,
): Promise<{ socket: Duplex; head: Buffer; answer: IncomingMessage } | { refused: IncomingMessage }> {
  const request = httpRequest(target, {
    agent: false,
    headers: {
      authorization: `Bearer ${rawKey}`,
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-key': NONCE,
      'sec-websocket-version': '13',
      'openai-beta': 'realtime=v1',
      cookie: 'a=b',
    },
  });
  return new Promise((resolve, reject) => {
    request.once('upgrade', (answer, socket, head) => resolve({ socket, head, answer }));
    request.once('response', (refused) => resolve({ refused }));
    request.once('error', reject);
    request.end();
  });
}

async function join(rawKey = key.rawKey) {
  const joined = await ask(rawKey);
  if (!('socket' in joined)) throw new Error(`refused with ${joined.refused.statusCode}`);
  const { socket, head, answer } = joined;
  let received = head.toString('latin1');
  const closed = signal();
  socket.setEncoding('latin1');
  socket.on('data', (data) => {
    received += data;
  });
  socket.on('error', () => undefined).once('close', () => closed.fire());
  return { socket, answer, received: () => received, closed: closed.promise };
}

async function refusal(rawKey: string, target = url) {
  const joined = await ask(rawKey, target);
  if (!('refused' in joined)) throw new Error('was not refused');
  return { answer: joined.refused, body: await text(joined.refused) };
}

describe('a WebSocket', () => {
  test('is forwarded in both directions, with the provider credential instead of the key', async () => {
    const { socket, answer, received, closed } = await join();
    expect(answer.headers).toMatchObject({
      upgrade: 'websocket',
      'x-own': '1',
      'sec-websocket-accept': acceptOf(NONCE),
    });
    expect(answer.headers['set-cookie']).toBeUndefined();
    await expect.poll(received).toBe('hello ');
    socket.write('there');
    await expect.poll(received).toBe('hello THERE');
    expect(upgradeRequest?.url).toBe('/v1/realtime?model=m');
    expect(upgradeRequest?.headers).toMatchObject({
      authorization: `Bearer ${CREDENTIAL}`,
      'sec-websocket-key': NONCE,
      'sec-websocket-version': '13',
      'openai-beta': 'realtime=v1',
    });
    expect(upgradeRequest?.headers.cookie).toBeUndefined();
    socket.end();
    await closed;
  });

  test('ends at the upstream when the client closes it', async () => {
    const { socket } = await join();
    const upstream = await upstreamSocket.promise;
    const left = signal();
    upstream.once('close', () => left.fire());
    upstream.resume();
    socket.destroy();
    await left.promise;
  });

  test('ends at the client when the upstream closes it', async () => {
    const { closed } = await join();
    (await upstreamSocket.promise).destroy();
    await closed;
  });

  test('is closed when the key is revoked', async () => {
    const { closed } = await join();
    const upstream = await upstreamSocket.promise;
    const left = signal();
    upstream.once('close', () => left.fire());
    await callerAs(app, key.holderId).keys.revoke({ keyId: key.id });
    await closed;
    await left.promise;
    expect((await refusal(key.rawKey)).answer.statusCode).toBe(401);
  });

  test('counts as an active call until it ends', async () => {
    const { socket, closed } = await join();
    expect((await refusal(key.rawKey)).answer.statusCode).toBe(429);
    socket.destroy();
    await closed;
    await expect.poll(async () => 'socket' in (await ask(key.rawKey))).toBe(true);
  });

  test('is rejected in the dialect without a valid key', async () => {
    const { answer, body } = await refusal('sk-foreign');
    expect(answer.statusCode).toBe(401);
    expect(JSON.parse(body).error.code).toBe('invalid_api_key');
    expect(upgradeRequest).toBeUndefined();
  });

  test('gets the upstream’s response if that rejects it', async () => {
    accepts = false;
    const { answer, body } = await refusal(key.rawKey);
    expect([answer.statusCode, answer.headers['x-own'], body]).toEqual([403, '1', 'no']);
    expect(answer.headers['set-cookie']).toBeUndefined();
  });

  test('gets 502 if the upstream is unreachable and 504 if it doesn’t respond', async () => {
    const closed = await addTool(app, {
      slug: 'closed',
      needsCredential: false,
      upstreamUrl: 'http://127.0.0.1:9',
    });
    const silentUrl = await serveUpstream(
      () => undefined,
      (server) => server.on('upgrade', (_, socket: Duplex) => socket.on('error', () => undefined)),
    );
    const silent = await addTool(app, {
      slug: 'silent',
      needsCredential: false,
      upstreamUrl: silentUrl,
      headersTimeoutMs: 50,
    });
    for (const [tool, status] of [
      [closed, 502],
      [silent, 504],
    ] as const) {
      const { rawKey } = await addKey(app, tool.id);
      expect((await refusal(rawKey, url.replace('acme', tool.slug))).answer.statusCode).toBe(status);
    }
  });

  test('is not supported by the built-in tool', async () => {
    const echo = await addTool(app, { slug: 'echo-2', needsCredential: false, upstreamUrl: null });
    const { rawKey } = await addKey(app, echo.id);
    expect((await refusal(rawKey, url.replace('acme', 'echo-2'))).answer.statusCode).toBe(404);
  });

  test('closes the upstream connection when the client disconnects before the response', async () => {
    const left = signal();
    const arrived = signal();
    const slowUrl = await serveUpstream(
      () => undefined,
      (server) =>
        server.on('upgrade', (_, socket: Duplex) => {
          socket.on('error', () => undefined).once('end', () => left.fire());
          socket.resume();
          arrived.fire();
        }),
    );
    const slow = await addTool(app, { slug: 'slow', needsCredential: false, upstreamUrl: slowUrl });
    const { rawKey } = await addKey(app, slow.id);
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    socket.write(
      `GET /gateway/slow/x HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nx-api-key: ${rawKey}\r\n\r\n`,
    );
    await arrived.promise;
    socket.end();
    await left.promise;
  });
});

describe('any other upgrade', () => {
  test('is ignored, and the request handled as a plain one', async () => {
    const { origin, pathname } = new URL(url);
    const answer = await exchange(
      origin,
      `GET ${pathname} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, close\r\nUpgrade: h2c\r\nx-api-key: ${key.rawKey}\r\n\r\n`,
      'plain',
    );
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK/);
    expect(upgradeRequest).toBeUndefined();
  });

  test('is ignored at the verify endpoint', async () => {
    const { origin } = new URL(url);
    const answer = await exchange(
      origin,
      `GET /verify/acme HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nx-api-key: ${key.rawKey}\r\n\r\n`,
      '\r\n\r\n',
    );
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK/);
  });
});
