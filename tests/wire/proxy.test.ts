import { describe, expect, test } from 'vitest';
import { addTool, testApp } from '../helpers/app';
import { addKey, CREDENTIAL, giveCredential, serveRecorder, serveWire } from './harness';

async function proxied(changes: Parameters<typeof addTool>[1] = {}) {
  const app = await testApp();
  const { origin: upstreamUrl, recorded } = await serveRecorder((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'x-from': 'upstream' });
    response.end('{"ok":true}');
  });
  const tool = await addTool(app, { slug: 'acme', displayName: 'Acme', upstreamUrl, ...changes });
  if (tool.needsCredential) await giveCredential(app, tool.id);
  const key = await addKey(app, tool.id);
  const { origin } = await serveWire(app);
  return { app, tool, key, recorded, url: `${origin}/wire/acme` };
}

describe('the proxy', () => {
  test('carries a call with the provider credential in the place of our key', async () => {
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
});
