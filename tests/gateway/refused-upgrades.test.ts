import { once } from 'node:events';
import type { IncomingMessage, Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { createGateway, type Gateway } from '~/gateway/gateway.server';
import { createHttpServer } from '~/http/http-server.server';
import type { App } from '~/server/create-app.server';
import { testApp } from '../helpers/app';
import { addKey, addTool } from '../helpers/factories';
import { arrival, exchange, listen, serveUpstream, signal } from './harness';

let app: App;
let gateway: Gateway;
let origin: string;
/** Returns the server's number of connections. */
let connections: () => Promise<number>;
/** Fires when the server has closed a connection. */
let closed: ReturnType<typeof signal<void>>;

beforeEach(async () => {
  app = await testApp();
  gateway = createGateway(app);
  onTestFinished(() => gateway.close());
  const server = createHttpServer(gateway, (_, response) => response.writeHead(404).end());
  origin = await listen(server);
  closed = signal();
  server.on('connection', (socket) => socket.once('close', () => closed.fire()));
  connections = () =>
    new Promise((resolve, reject) =>
      server.getConnections((error, count) => (error === null ? resolve(count) : reject(error))),
    );
});

/** Adds a tool whose upstream does this when it gets an upgrade request. Returns a key for it. */
async function keyFor(slug: string, onUpgrade: (socket: Duplex, request: IncomingMessage) => void) {
  const react = (server: Server) =>
    server.on('upgrade', (request, socket: Duplex) => {
      socket.on('error', () => undefined);
      onUpgrade(socket, request);
    });
  const upstreamUrl = await serveUpstream((_, response) => response.end('plain'), react);
  const { id } = await addTool(app, { slug, needsCredential: false, upstreamUrl });
  return (await addKey(app, id)).rawKey;
}

/** Requests a WebSocket and sends `more` immediately. The client's end stays open. */
function ask(slug: string, rawKey: string, more = ''): { socket: Socket; received: () => string } {
  const socket = connect({ port: Number(new URL(origin).port), host: '127.0.0.1', allowHalfOpen: true });
  onTestFinished(() => void socket.destroy());
  let received = '';
  socket.setEncoding('latin1').on('data', (text) => {
    received += text;
  });
  socket.on('error', () => undefined);
  socket.write(
    `GET /gateway/${slug}/x HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nx-api-key: ${rawKey}\r\n\r\n${more}`,
  );
  return { socket, received: () => received };
}

describe('the connection of a rejected upgrade', () => {
  test('is closed when the client closes it, whatever it sent before', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }); // so no timeout closes it
    onTestFinished(() => void vi.useRealTimers());
    const { socket, received } = ask('acme', 'not our key', 'what nobody will read');
    await arrival(socket, received, /^HTTP\/1\.1 401 .*\}\n$/s);
    socket.end('nor this');
    await closed.promise;
  });

  test('is closed after five seconds if the client doesn’t close it', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const { socket, received } = ask('acme', 'not our key');
    await arrival(socket, received, /^HTTP\/1\.1 401 .*\}\n$/s);
    await vi.advanceTimersByTimeAsync(4_900);
    expect(await connections()).toBe(1);
    await expect
      .poll(async () => {
        await vi.advanceTimersByTimeAsync(5_000);
        return await connections();
      })
      .toBe(0);
  });

  test('may be reset by its client during shutdown without affecting others', async () => {
    gateway.drain();
    const { socket, received } = ask('acme', 'any');
    await expect.poll(received).toMatch(/^HTTP\/1\.1 503 /);
    socket.resetAndDestroy();
    await expect.poll(connections).toBe(0);
    expect((await fetch(`${origin}/verify/acme`)).status).toBe(401);
  });

  test('by the upstream is closed, and the call is no longer active', async () => {
    const rawKey = await keyFor('acme', (socket) =>
      socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno'),
    );
    const { socket, received } = ask('acme', rawKey, 'what nobody will read');
    await expect.poll(received).toMatch(/^HTTP\/1\.1 403 .*\r\n\r\nno$/s);
    socket.end();
    await expect.poll(() => gateway.activeCalls()).toBe(0);
    await expect.poll(connections).toBe(0);
  });
});

describe('data sent before an upgrade is complete', () => {
  test('reaches the upstream afterwards, in order', async () => {
    const requested = signal<Duplex>();
    const rawKey = await keyFor('acme', requested.fire);
    const { socket, received } = ask('acme', rawKey, 'one ');
    const upstream = await requested.promise;
    await new Promise((resolve) => socket.write('two ', resolve));
    await expect.poll(() => gateway.activeCalls()).toBe(1);
    upstream.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    let taken = '';
    upstream.on('data', (bytes) => {
      taken += bytes;
    });
    await expect.poll(received).toMatch(/^HTTP\/1\.1 101 /);
    socket.write('three');
    await expect.poll(() => taken).toBe('one two three');
  });

  test('doesn’t hide that the client disconnected', async () => {
    const requested = signal<Duplex>();
    const rawKey = await keyFor('acme', requested.fire);
    const { socket } = ask('acme', rawKey, 'early');
    const upstream = await requested.promise;
    const left = once(upstream.resume(), 'end');
    socket.end();
    await left;
    await expect.poll(() => gateway.activeCalls()).toBe(0);
  });

  test('is buffered up to a limit', async () => {
    const requested = signal<Duplex>();
    const rawKey = await keyFor('acme', requested.fire);
    const { socket } = ask('acme', rawKey);
    const upstream = await requested.promise;
    const total = 64 * 1024 * 1024;
    const stalled = signal();
    let sent = 0;
    const send = () => {
      while (sent < total) {
        sent += 65_536;
        if (!socket.write(Buffer.alloc(65_536))) {
          socket.once('drain', send);
          setTimeout(() => stalled.fire(), 300);
          return;
        }
      }
    };
    send();
    await stalled.promise;
    expect(sent).toBeLessThan(total / 2); // only what fits into the sockets' buffers
    upstream.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    let taken = 0;
    upstream.on('data', (bytes) => {
      taken += bytes.length;
    });
    await expect.poll(() => taken, { timeout: 20_000 }).toBe(total);
  });
});

describe('a request that asks for a WebSocket and has a body', () => {
  const head = (rawKey: string, method = 'GET') =>
    `${method} /gateway/acme/x HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 5\r\nx-api-key: ${rawKey}\r\n\r\n`;

  test('is forwarded as a plain one, body included', async () => {
    const bodies: string[] = [];
    const upstreamUrl = await serveUpstream(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      bodies.push(`${request.headers.upgrade} ${body}`);
      response.end('plain');
    });
    const { id } = await addTool(app, { slug: 'acme', needsCredential: false, upstreamUrl });
    const { rawKey } = await addKey(app, id);
    for (const method of ['GET', 'POST']) {
      const answer = await exchange(origin, `${head(rawKey, method)}hello`, 'plain');
      expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    }
    expect(bodies).toEqual(['undefined hello', 'undefined hello']);
  });

  test('and never sends it doesn’t affect later calls (request smuggling)', async () => {
    const seen: string[] = [];
    const upstreamUrl = await serveUpstream((request, response) => {
      seen.push(`${request.method} ${request.url}`);
      if (request.method === 'GET')
        response.end('early'); // waits for the body on the same connection
      else request.resume().once('end', () => response.end('read'));
    });
    const { id } = await addTool(app, { slug: 'acme', needsCredential: false, upstreamUrl });
    const [attacker, other] = [await addKey(app, id), await addKey(app, id)];
    for (let round = 0; round < 3; round++) {
      expect(await exchange(origin, head(attacker.rawKey), 'early')).toContain('early');
      const answer = await fetch(`${origin}/gateway/acme/files`, {
        method: 'PUT',
        headers: { 'x-api-key': other.rawKey },
        body: 'x'.repeat(100_000),
      });
      expect([answer.status, await answer.text()]).toEqual([200, 'read']);
    }
    expect(seen).toEqual(Array(3).fill(['GET /x', 'PUT /files']).flat());
  });
});
