import { connect, type Socket } from 'node:net';
import { beforeEach, describe, expect, test } from 'vitest';
import { CallMetrics } from '~/gateway/call-metrics';
import type { App } from '~/server/create-app.server';
import { callerAs, testApp } from '../helpers/app';
import { addKey, addTool, type IssuedKey } from '../helpers/factories';
import { serveBytes, serveTool, serveUpstream, signal } from './harness';
import { StalledClient } from './stalled-client';

let app: App;
let key: IssuedKey;
let metrics: CallMetrics;
let port: number;
/** The upstream's side of the connection, once it has the request. */
let upstream: ReturnType<typeof signal<Socket>>;
let serve: (client: StalledClient) => void;

beforeEach(async () => {
  app = await testApp();
  upstream = signal();
  const upstreamUrl = await serveBytes((socket) =>
    socket.once('data', () => upstream.fire(socket)).once('end', () => socket.end()),
  );
  metrics = new CallMetrics();
  const served = await serveTool(app, { upstreamUrl }, metrics);
  ({ key, port } = served);
  serve = (client) => served.server.emit('connection', client);
});

const UPGRADED = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';

/** Requests a WebSocket. `ended` resolves to all received data and whether the connection was reset. */
function askForUpgrade() {
  const socket = connect(port, '127.0.0.1');
  const ended = signal<{ received: string; reset: boolean }>();
  let received = '';
  let reset = false;
  socket.setEncoding('latin1').on('data', (text) => {
    received += text;
  });
  socket.on('error', (error: NodeJS.ErrnoException) => {
    reset = error.code === 'ECONNRESET';
  });
  socket.on('close', () => ended.fire({ received, reset }));
  socket.write(
    `GET /gateway/acme/x HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nx-api-key: ${key.rawKey}\r\n\r\n`,
  );
  return { socket, received: () => received, ended: ended.promise };
}

const revoke = () => callerAs(app, key.holderId).keys.revoke({ keyId: key.id });

/** Waits until exactly one call is counted, with this outcome and its duration. */
async function expectCounted(outcome: string, { answered = true } = {}) {
  await expect.poll(() => metrics.tools.get('acme')?.outcomes.size ?? 0).toBeGreaterThan(0);
  const { outcomes, overhead, firstByte, duration } = metrics.tools.get('acme') ?? {};
  expect([...(outcomes ?? [])]).toEqual([[`proxy ${outcome}`, 1]]);
  const calls = [overhead, firstByte, duration].map((tally) =>
    tally?.counts.reduce((sum, count) => sum + count),
  );
  expect(calls).toEqual([1, answered ? 1 : 0, 1]);
}

describe('an upgraded connection is counted once', () => {
  test('as upgraded when either side ends it', async () => {
    const { socket, received, ended } = askForUpgrade();
    (await upstream.promise).write(UPGRADED);
    await expect.poll(received).toContain('101 Switching');
    expect(metrics.tools.size).toBe(0);
    socket.end();
    await ended;
    await expectCounted('upgraded');
  });

  test('as upgraded after informational responses, which the client receives', async () => {
    const { socket, received, ended } = askForUpgrade();
    const upstreamSocket = await upstream.promise;
    upstreamSocket.write('HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nSet-Cookie: a=b\r\n\r\n');
    await expect.poll(received).toBe('HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n');
    upstreamSocket.write(UPGRADED);
    await expect.poll(received).toContain('101 Switching');
    socket.end();
    await ended;
    await expectCounted('upgraded');
  });

  test('as aborted when its key is revoked', async () => {
    const { received, ended } = askForUpgrade();
    (await upstream.promise).write(UPGRADED);
    await expect.poll(received).toContain('101 Switching');
    await revoke();
    await ended;
    await expectCounted('aborted');
  });

  test('as client-closed when its client disconnects before the response', async () => {
    const { socket, ended } = askForUpgrade();
    await upstream.promise;
    socket.end();
    await ended;
    await expectCounted('client-closed', { answered: false });
  });

  test('with the reason when the upstream fails', async () => {
    const { ended } = askForUpgrade();
    (await upstream.promise).resetAndDestroy();
    expect((await ended).received).toMatch(/^HTTP\/1\.1 502 /);
    await expectCounted('upstream-unreachable', { answered: false });
  });
});

describe('an upgrade that the upstream rejects', () => {
  const BEGUN = 'HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n';

  test('is counted by its status when the response is complete', async () => {
    const { ended } = askForUpgrade();
    (await upstream.promise).write(`${BEGUN}0\r\n\r\n`);
    const { received, reset } = await ended;
    expect([received.slice(-4), reset]).toEqual(['half', false]);
    await expectCounted('4xx');
  });

  test('resets the client and is counted as upstream-broken when the response breaks off', async () => {
    const { received, ended } = askForUpgrade();
    const socket = await upstream.promise;
    socket.write(BEGUN);
    await expect.poll(received).toMatch(/half$/);
    socket.destroy();
    expect((await ended).reset).toBe(true);
    await expectCounted('upstream-broken');
  });

  test('resets the client and is counted as aborted when the key is revoked', async () => {
    const { received, ended } = askForUpgrade();
    (await upstream.promise).write(BEGUN);
    await expect.poll(received).toMatch(/half$/);
    await revoke();
    expect((await ended).reset).toBe(true);
    await expectCounted('aborted');
  });
});

test('a complete response that a slow client is still receiving is aborted when the key is revoked', async () => {
  const upstreamUrl = await serveUpstream((_, response) => response.end('whole'));
  const { id } = await addTool(app, { slug: 'quick', upstreamUrl, needsCredential: false });
  key = await addKey(app, id);
  const client = new StalledClient();
  serve(client);
  client.push(`GET /gateway/quick/x HTTP/1.1\r\nHost: x\r\nx-api-key: ${key.rawKey}\r\n\r\n`);
  await expect.poll(() => client.received.endsWith('whole') || client.writableLength > 0).toBe(true);
  await revoke();
  await expect.poll(() => client.destroyed).toBe(true);
  await expect.poll(() => [...(metrics.tools.get('quick')?.outcomes ?? [])]).toEqual([['proxy aborted', 1]]);
});
