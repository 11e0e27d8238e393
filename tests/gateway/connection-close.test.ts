import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { App } from '~/server/create-app.server';
import { callerAs, testApp } from '../helpers/app';
import { addKey, addTool, type IssuedKey } from '../helpers/factories';
import { arrival, serveBytes, serveTool, serveUpstream, signal } from './harness';

let app: App;
let key: IssuedKey;
let port: number;
/** How the upstream handles a request. */
let handle: (request: IncomingMessage, response: ServerResponse) => void;

beforeEach(async () => {
  app = await testApp();
  const upstreamUrl = await serveUpstream(
    (request, response) => handle(request, response),
    (server) => {
      server.keepAliveTimeout = 0; // it closes no connection by itself
    },
  );
  ({ key, port } = await serveTool(app, { upstreamUrl }));
});

/** Opens a connection and collects all data received. */
function client(): { socket: Socket; received: () => string; ended: Promise<unknown> } {
  const socket = connect(port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  let received = '';
  socket.setEncoding('latin1').on('data', (text) => {
    received += text;
  });
  socket.on('error', () => undefined);
  return { socket, received: () => received, ended: once(socket, 'close') };
}

const head = (length: number, more = '', slug = 'acme') =>
  `POST /gateway/${slug}/x HTTP/1.1\r\nHost: x\r\nContent-Length: ${length}\r\n${more}x-api-key: ${key.rawKey}\r\n\r\n`;

describe('a client that gets its response before it has sent its body', () => {
  const refused = (more = '') => head(10, more).replace(key.rawKey, 'not our key');

  test('can send the rest and reuse its connection', async () => {
    const { socket, received } = client();
    socket.write(`${refused()}01234`);
    await expect.poll(received).toMatch(/^HTTP\/1\.1 401 .*\}\n$/s);
    handle = (request, response) => request.resume().once('end', () => response.end('second'));
    socket.write(`56789${head(2)}ok`);
    await expect.poll(received).toMatch(/HTTP\/1\.1 200 OK\r\n.*second/s);
  });

  test('has its connection closed after the rest, if it asked for that', async () => {
    const { socket, received, ended } = client();
    socket.write(`${refused('Connection: close\r\n')}01234`);
    await expect.poll(received).toMatch(/^HTTP\/1\.1 401 .*\}\n$/s);
    expect(socket.readyState).toBe('open');
    socket.write('56789');
    await ended;
  });

  test('is disconnected if the rest doesn’t arrive within 30 seconds', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const { socket, received, ended } = client();
    socket.write(`${refused()}01234`);
    await arrival(socket, received, /^HTTP\/1\.1 401 .*\}\n$/s);
    await vi.advanceTimersByTimeAsync(29_000);
    expect(socket.readyState).toBe('open');
    await vi.advanceTimersByTimeAsync(3_000);
    await ended;
  });

  test('can send the rest if its key was revoked while the upstream paused it', async () => {
    const requested = signal();
    handle = () => requested.fire(); // reads nothing
    const { socket, received } = client();
    const pieces = 512;
    socket.write(head(pieces * 65_536));
    for (let piece = 0; piece < pieces; piece++) socket.write(Buffer.alloc(65_536));
    await requested.promise;
    // Until the buffers on the way are full and the gateway waits for the upstream.
    for (let left = -1; left !== socket.writableLength; await new Promise((later) => setTimeout(later, 200)))
      left = socket.writableLength;
    expect(socket.writableLength).toBeGreaterThan(0);
    await callerAs(app, key.holderId).keys.revoke({ keyId: key.id });
    await expect.poll(received).toMatch(/^HTTP\/1\.1 401 .*\}\n$/s);
    await expect.poll(() => socket.writableLength, { timeout: 10_000 }).toBe(0);
    socket.write(`GET /verify/acme HTTP/1.1\r\nHost: x\r\n\r\n`);
    await expect.poll(() => received().match(/HTTP\/1\.1 401 /g)?.length).toBe(2);
  });
});

describe('an upstream that responds before it has the body', () => {
  test('completes its response though the client hasn’t sent the rest', async () => {
    const left = signal();
    handle = (request, response) => {
      request.socket.once('close', () => left.fire());
      request.once('data', () => response.end('early'));
    };
    const { socket, received } = client();
    socket.write(`${head(1_000_000)}some`);
    await expect.poll(received).toMatch(/early/);
    await left.promise;
  });

  test.each(['close', 'Close'])(
    'with an error and Connection: %s gets no more of the body, so the response isn’t lost',
    async (option) => {
      let taken = 0;
      const begun = signal<Socket>();
      const upstreamUrl = await serveBytes((socket) => {
        socket.on('data', (bytes) => {
          taken += bytes.length;
        });
        socket.once('data', () => {
          socket.write(`HTTP/1.1 413 Too Large\r\nContent-Length: 6\r\nConnection: ${option}\r\n\r\nabc`);
          begun.fire(socket);
        });
      });
      const { id } = await addTool(app, { slug: 'small', needsCredential: false, upstreamUrl });
      key = await addKey(app, id);
      const { socket, received } = client();
      const length = 32 * 1024 * 1024;
      socket.write(head(length, '', 'small'));
      const upstreamSocket = await begun.promise;
      await expect.poll(received).toMatch(/abc$/);
      const before = taken;
      await new Promise((resolve) => socket.write(Buffer.alloc(length), resolve));
      upstreamSocket.end('def');
      await expect.poll(received).toMatch(/abcdef$/);
      expect(taken).toBe(before);
    },
  );
});

test('the headers timeout restarts with each chunk of the body', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  let got = '';
  handle = (request, response) => {
    request.on('data', (bytes) => {
      got += bytes;
    });
    request.once('end', () => response.end('whole'));
  };
  const { socket, received } = client();
  socket.write(head(4));
  for (const piece of ['a', 'b', 'c', 'd']) {
    await vi.advanceTimersByTimeAsync(400_000); // of the tool's ten minutes
    socket.write(piece);
    await expect.poll(() => got).toMatch(new RegExp(`${piece}$`));
  }
  await expect.poll(received).toMatch(/^HTTP\/1\.1 200 OK\r\n.*whole/s);
});
