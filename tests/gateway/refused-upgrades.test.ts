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
/** The connections that the server has. */
let connections: () => Promise<number>;
/** Fires when the server has let go of a connection. */
let letGo: ReturnType<typeof signal<void>>;

beforeEach(async () => {
  app = await testApp();
  gateway = createGateway(app);
  onTestFinished(() => gateway.close());
  const server = createHttpServer(gateway, (_, response) => response.writeHead(404).end());
  origin = await listen(server);
  letGo = signal();
  server.on('connection', (socket) => socket.once('close', () => letGo.fire()));
  connections = () =>
    new Promise((resolve, reject) =>
      server.getConnections((error, count) => (error === null ? resolve(count) : reject(error))),
    );
});

/** A tool whose upstream does this when it is asked to upgrade; answers a key for it. */
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

/** Asks for a WebSocket and sends `more` right after; the client's end stays open until it is told otherwise. */
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

describe('the connection of an upgrade that was refused', () => {
  test('is let go when the client hangs up, whatever it has sent before that', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }); // so that no limit lets go of it
    onTestFinished(() => void vi.useRealTimers());
    const { socket, received } = ask('acme', 'no key of ours', 'what nobody will read');
    await arrival(socket, received, /^HTTP\/1\.1 401 .*\}\n$/s);
    socket.end('nor this');
    await letGo.promise;
  });

  test('is closed after five seconds where the client does not hang up', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const { socket, received } = ask('acme', 'no key of ours');
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

  test('may be reset by its client while the server is stopping, and ends nothing else', async () => {
    gateway.drain();
    const { socket, received } = ask('acme', 'any');
    await expect.poll(received).toMatch(/^HTTP\/1\.1 503 /);
    socket.resetAndDestroy();
    await expect.poll(connections).toBe(0);
    expect((await fetch(`${origin}/verify/acme`)).status).toBe(401);
  });

  test('by the upstream is let go too, and the call gives its place back', async () => {
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

describe('what a client sends ahead of the answer to its upgrade', () => {
  test('reaches the upstream after the answer, in order', async () => {
    const asked = signal<Duplex>();
    const rawKey = await keyFor('acme', asked.fire);
    const { socket, received } = ask('acme', rawKey, 'one ');
    const upstream = await asked.promise;
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

  test('does not hide that the client has gone', async () => {
    const asked = signal<Duplex>();
    const rawKey = await keyFor('acme', asked.fire);
    const { socket } = ask('acme', rawKey, 'early');
    const upstream = await asked.promise;
    const left = once(upstream.resume(), 'end');
    socket.end();
    await left;
    await expect.poll(() => gateway.activeCalls()).toBe(0);
  });

  test('is kept up to a limit, beyond which it waits with the client', async () => {
    const asked = signal<Duplex>();
    const rawKey = await keyFor('acme', asked.fire);
    const { socket } = ask('acme', rawKey);
    const upstream = await asked.promise;
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
    expect(sent).toBeLessThan(total / 2); // what fits in the sockets' buffers on the way, and no more
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

  test('is carried as a plain one, body included', async () => {
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

  test('and never sends it has no part in the calls that come after it (request smuggling)', async () => {
    const seen: string[] = [];
    const upstreamUrl = await serveUpstream((request, response) => {
      seen.push(`${request.method} ${request.url}`);
      if (request.method === 'GET')
        response.end('early'); // and waits for the body on the same connection
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
