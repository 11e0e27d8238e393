import { connect } from 'node:net';
import { beforeEach, expect, test } from 'vitest';
import { createGateway } from '~/gateway/gateway.server';
import { createHttpServer } from '~/http/http-server.server';
import type { App } from '~/server/create-app.server';
import { testApp } from '../helpers/app';
import { addKey, addTool } from '../helpers/factories';
import { exchange, serveGateway, serveRecorder, serveTool, serveUpstream } from './harness';

let app: App;

beforeEach(async () => {
  app = await testApp();
});

test.each([
  ['in one piece', 'small'],
  ['streamed', 'x'.repeat(100_000)],
])('consecutive calls share an upstream connection: %s', async (_, body) => {
  let opened = 0;
  const upstreamUrl = await serveUpstream(
    (request, response) => request.resume().once('end', () => response.end('read')),
    (server) => server.on('connection', () => opened++),
  );
  const { id } = await addTool(app, { slug: 'acme', needsCredential: false, upstreamUrl });
  const { origin } = await serveGateway(app);
  for (let call = 0; call < 5; call++) {
    const { rawKey } = await addKey(app, id);
    const answer = await fetch(`${origin}/gateway/acme/x`, {
      method: 'POST',
      headers: { 'x-api-key': rawKey },
      body,
    });
    expect(await answer.text()).toBe('read');
  }
  expect(opened).toBe(1);
});

test('pipelined calls are aborted when their client disconnects', async () => {
  let received = 0;
  let left = 0;
  const upstreamUrl = await serveUpstream((_, response) => {
    received++;
    response.once('close', () => left++);
  });
  const { rawKey, origin, gateway } = await serveTool(app, { upstreamUrl });
  const socket = connect(Number(new URL(origin).port), '127.0.0.1');
  socket.write(`GET /gateway/acme/x HTTP/1.1\r\nHost: x\r\nx-api-key: ${rawKey}\r\n\r\n`.repeat(20));
  await expect.poll(() => received).toBe(20);
  expect(gateway.activeCalls()).toBe(20);
  socket.destroy();
  await expect.poll(() => gateway.activeCalls()).toBe(0);
  await expect.poll(() => left).toBe(20);
});

test('idle connections outlive those of the proxies in docs/operating.md', async () => {
  const server = createHttpServer(createGateway(app), () => undefined);
  expect(server.keepAliveTimeout).toBeGreaterThan(120_000); // Caddy's is the longest, two minutes
});

test('a plain request that offers an upgrade keeps its other Connection options', async () => {
  const { origin: upstreamUrl, recorded } = await serveRecorder((_, response) => response.end('plain'));
  const { rawKey, origin } = await serveTool(app, { upstreamUrl });
  // Until the server closes the connection, as requested.
  const answer = await exchange(
    origin,
    `GET /gateway/acme/x HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, close, X-Hop\r\nUpgrade: h2c\r\nX-Hop: 1\r\nX-Kept: 1\r\nx-api-key: ${rawKey}\r\n\r\n`,
  );
  expect(answer).toMatch(/\r\nConnection: close\r\n.*plain$/s);
  expect(recorded[0]?.headers).toMatchObject({ 'x-kept': '1' });
  expect(recorded[0]?.headers['x-hop']).toBeUndefined();
});
