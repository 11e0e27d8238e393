import { describe, expect, test } from 'vitest';
import { testApp } from '../helpers/app';
import { addCredential, addKey, addTool, CREDENTIAL } from '../helpers/factories';
import { exchange, serveGateway, serveRecorder } from './harness';

async function proxied(changes: Parameters<typeof addTool>[1] = {}) {
  const app = await testApp();
  const { origin: upstreamUrl, recorded } = await serveRecorder((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'x-from': 'upstream' });
    response.end('{"ok":true}');
  });
  const tool = await addTool(app, { slug: 'acme', displayName: 'Acme', upstreamUrl, ...changes });
  if (tool.needsCredential) await addCredential(app, tool.id);
  const key = await addKey(app, tool.id);
  const { origin } = await serveGateway(app);
  return { app, tool, key, recorded, url: `${origin}/gateway/acme` };
}

describe('the proxy endpoint', () => {
  test('replaces the key with the provider credential', async () => {
    const { key, url, recorded } = await proxied();
    const response = await fetch(`${url}/v1/chat/completions?stream=no`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key.rawKey}`, 'x-unknown': 'kept', cookie: 'a=b' },
      body: '{"hello":"there"}',
    });
    expect(response.status).toBe(200);
    expect(response.headers.get('x-from')).toBe('upstream');
    expect(await response.json()).toEqual({ ok: true });
    const [seen] = recorded;
    expect(seen?.url).toBe('/v1/chat/completions?stream=no');
    expect(seen?.body.toString()).toBe('{"hello":"there"}');
    expect(seen?.headers).toMatchObject({ authorization: `Bearer ${CREDENTIAL}`, 'x-unknown': 'kept' });
    expect(seen?.headers.cookie).toBeUndefined();
    expect(JSON.stringify(seen)).not.toContain(key.rawKey);
  });

  test('ignores the host of an absolute request target', async () => {
    const { key, url, recorded } = await proxied();
    const { origin } = new URL(url);
    const answer = await exchange(
      origin,
      `GET http://169.254.169.254/gateway/acme/v1/x?a=b HTTP/1.1\r\nHost: 169.254.169.254\r\nConnection: close\r\nx-api-key: ${key.rawKey}\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(recorded.map(({ url: seen }) => seen)).toEqual(['/v1/x?a=b']);
    expect(answer).toContain('{"ok":true}');
  });

  test.each([
    '/../admin',
    '/v1/%2e%2e/x',
    '/v1/..%2fx',
    '//evil.example/x',
    '/a//b',
    '/..%5cx',
    '/v1/./x',
    '/x#y',
  ])('rejects the path %s, which could leave the upstream’s base path', async (path) => {
    const { key, url, recorded } = await proxied();
    const { origin } = new URL(url);
    for (const more of ['', 'Transfer-Encoding: chunked\r\n']) {
      const answer = await exchange(
        origin,
        `POST /gateway/acme${path} HTTP/1.1\r\nHost: x\r\nx-api-key: ${key.rawKey}\r\n${more}\r\n`,
        '}\n',
      );
      expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    }
    expect(recorded).toEqual([]);
  });
});
