import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { createGateway } from '~/gateway/gateway.server';
import { createHttpServer } from '~/http/http-server.server';
import { testApp } from '../helpers/app';
import { exchange, serveGateway, serveTool, serveUpstream } from './harness';

test('a request that offers an upgrade to HTTP/2 is handled as a plain one, body included', async () => {
  const app = await testApp();
  const { origin } = await serveGateway(app);
  const answer = await exchange(
    origin,
    'POST /gateway/echo/v1/models HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\nContent-Length: 5\r\n\r\nhelloGET /elsewhere HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
  );
  expect(answer).toContain('HTTP/1.1 401 Unauthorized');
  expect(answer).toContain('invalid_api_key');
  expect(answer).toMatch(/HTTP\/1\.1 404 Not Found\r\n(.*\r\n)*x-rest: yes/);
});

test('the server limits the time for headers, not for bodies', async () => {
  const server = createHttpServer(createGateway(await testApp()), () => undefined);
  expect(server.headersTimeout).toBe(60_000);
  expect(server.requestTimeout).toBe(0);
  expect(server.timeout).toBe(0);
});

test('a draining server rejects new calls and completes those in progress', async () => {
  const app = await testApp();
  let answer: ServerResponse | undefined;
  const upstreamUrl = await serveUpstream((_, response) => {
    answer = response;
  });
  const { rawKey, origin, gateway } = await serveTool(app, { upstreamUrl });
  const headers = { 'x-api-key': rawKey };
  const running = fetch(`${origin}/gateway/acme/x`, { headers });
  await expect.poll(() => answer).toBeDefined();
  gateway.drain();
  const refused = await fetch(`${origin}/gateway/acme/x`, { headers });
  expect(refused.status).toBe(503);
  expect(refused.headers.get('connection')).toBe('close');
  expect((await fetch(`${origin}/verify/acme`, { headers })).status).toBe(200);
  answer?.end('whole');
  expect(await (await running).text()).toBe('whole');
});

test('abortAll ends every call', async () => {
  const app = await testApp();
  const upstreamUrl = await serveUpstream((_, response) => response.write('begun'));
  const { rawKey, origin, gateway } = await serveTool(app, { upstreamUrl });
  const running = await fetch(`${origin}/gateway/acme/x`, { headers: { 'x-api-key': rawKey } });
  gateway.abortAll();
  await expect(running.text()).rejects.toThrow();
});
