import { once } from 'node:events';
import type { Socket } from 'node:net';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { App } from '~/server/create-app.server';
import { testApp } from '../helpers/app';
import { serveBytes, serveTool, serveUpstream, signal } from './harness';
import { StalledClient } from './stalled-client';

let app: App;

beforeEach(async () => {
  app = await testApp();
});

describe('informational responses without end', () => {
  test.each([
    ['a call in one piece', 'GET', ''],
    ['a streamed call', 'POST', 'Transfer-Encoding: chunked\r\n'],
    ['an upgrade', 'GET', 'Connection: Upgrade\r\nUpgrade: websocket\r\n'],
  ])('to %s don’t fill the memory while the client doesn’t read', async (_, method, headers) => {
    const received = signal<Socket>();
    const upstreamUrl = await serveBytes((socket) => socket.once('data', () => received.fire(socket)));
    const { rawKey, server } = await serveTool(app, { upstreamUrl });
    const client = new StalledClient();
    onTestFinished(() => void client.destroy());
    server.emit('connection', client);
    client.push(`${method} /gateway/acme/x HTTP/1.1\r\nHost: x\r\n${headers}x-api-key: ${rawKey}\r\n\r\n`);
    const socket = await received.promise;
    const hint = `HTTP/1.1 103 Early Hints\r\nLink: <${'x'.repeat(1_000)}>\r\n\r\n`;
    socket.end(`${hint.repeat(2_000)}HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok`);
    await once(socket.resume(), 'close'); // the gateway has read all of it
    expect(client.writableLength).toBeGreaterThan(1_000);
    expect(client.writableLength).toBeLessThan(200_000);
    client.flow();
    await expect.poll(() => client.received).toMatch(/HTTP\/1\.1 200 OK\r\n/);
  });
});

describe('an HTML page from an upstream', () => {
  const HTML = '<!doctype html><script>document.title = "run"</script>';

  async function pageOf(headers: Record<string, string> = {}) {
    const upstreamUrl = await serveUpstream((_, response) =>
      response.writeHead(200, { 'content-type': 'text/html', ...headers }).end(HTML),
    );
    return await serveTool(app, { upstreamUrl });
  }

  test('is sandboxed if the URL contains a key (cross-site scripting)', async () => {
    const { url, rawKey } = await pageOf();
    for (const query of [`?key=${rawKey}`, `?a=b&%6bey=${rawKey}`, `?key=${rawKey}&key=other`]) {
      const answer = await fetch(url + query);
      expect(answer.headers.get('content-security-policy')).toBe('sandbox');
      expect(await answer.text()).toBe(HTML);
    }
    const posted = await fetch(`${url}?key=${rawKey}`, { method: 'POST', body: 'x'.repeat(100_000) });
    expect(posted.headers.get('content-security-policy')).toBe('sandbox');
  });

  test('keeps the upstream’s own Content-Security-Policy, too', async () => {
    const { url, rawKey } = await pageOf({ 'content-security-policy': 'script-src *' });
    const { headers } = await fetch(`${url}?key=${rawKey}`);
    expect(headers.get('content-security-policy')).toBe('script-src *, sandbox');
  });

  test('is forwarded unchanged if the key is in a header', async () => {
    const { url, rawKey } = await pageOf();
    const answer = await fetch(url, { headers: { authorization: `Bearer ${rawKey}` } });
    expect(answer.headers.get('content-security-policy')).toBeNull();
  });
});
