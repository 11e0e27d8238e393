import { describe, expect, test } from 'vitest';
import { callerAs, testApp } from '../helpers/app';
import { addKey, addTool, addUser } from '../helpers/factories';
import { serveGateway, serveRecorder, serveUpstream } from './harness';
import { type ReverseProxy, recipes, replaceEach, runCaddy, runNginx } from './reverse-proxies';

const SECTION = 'Keys for your own services (forward auth)';
const KEY_HEADERS = ['authorization', 'x-api-key', 'api-key', 'x-goog-api-key'];

/** Maps the recipe's addresses to those of this test. */
interface Places {
  myAiKeys: string;
  service: string;
}

const FRONTS: Record<string, (places: Places) => Promise<ReverseProxy>> = {
  nginx({ myAiKeys, service }) {
    const [http = '', server = ''] = recipes(SECTION, 'nginx', 'nginx');
    const there = replaceEach(`${http}\nserver {\nlisten SOCKET;\n${server}\n}`, {
      '127.0.0.1:3000': myAiKeys,
      '127.0.0.1:8080': service,
    });
    return runNginx(there);
  },
  caddy({ myAiKeys, service }) {
    const [site = ''] = recipes(SECTION, 'Caddy', 'caddyfile');
    return runCaddy(
      replaceEach(site, {
        'acme.example.com {': 'SOCKET {',
        '127.0.0.1:3000': myAiKeys,
        '127.0.0.1:8080': service,
      }),
    );
  },
};

async function protectedService(name: string) {
  const app = await testApp();
  const { origin: service, recorded } = await serveRecorder((_, response) => response.end('served'));
  const tool = await addTool(app, { slug: 'acme', needsCredential: false });
  const other = await addTool(app, { slug: 'other', needsCredential: false });
  const holder = await addUser(app);
  const key = await addKey(app, tool.id, { holder, environment: 'staging' });
  const otherKey = await addKey(app, other.id, { holder });
  const { origin } = await serveGateway(app);
  const front = await FRONTS[name]?.({ myAiKeys: new URL(origin).host, service: new URL(service).host });
  if (front === undefined) throw new Error(`no recipe for ${name}`);
  recorded.length = 0;
  return { app, front, holder, key, otherKey, recorded };
}

describe.each(Object.keys(FRONTS))('forward auth with %s, configured as in docs/operating.md', (name) => {
  test('forwards a request with a valid key, adding its holder and removing the key', async () => {
    const { front, holder, key, recorded } = await protectedService(name);
    for (const [header, value] of [
      ['Authorization', `Bearer ${key.rawKey}`],
      ['X-Api-Key', key.rawKey],
      ['Api-Key', key.rawKey],
      ['X-Goog-Api-Key', key.rawKey],
    ] as const) {
      const answer = await front.send('/v1/search?q=a%20b', {
        method: 'POST',
        headers: { [header]: value, 'Content-Type': 'text/plain' },
        body: 'a body that the verify endpoint must not wait for',
      });
      expect(answer).toMatchObject({ status: 200, body: 'served' });
      const seen = recorded.pop();
      expect(seen).toMatchObject({ method: 'POST', url: '/v1/search?q=a%20b' });
      expect(seen?.body.toString()).toBe('a body that the verify endpoint must not wait for');
      expect(seen?.headers).toMatchObject({
        'x-key-id': key.id,
        'x-key-holder': holder.email,
        'x-key-holder-id': holder.id,
        'x-key-tool': 'acme',
        'x-key-environment': 'staging',
      });
      for (const carrier of KEY_HEADERS) expect(seen?.headers[carrier]).toBeUndefined();
      expect(JSON.stringify(seen)).not.toContain(key.rawKey);
    }
  });

  test('replaces identity headers sent by the caller', async () => {
    const { front, key, recorded } = await protectedService(name);
    const claims = { 'X-Key-Id': 'key_forged', 'X-Key-Holder': 'root@example.com', 'X-Key-Tool': 'other' };
    const bearer = { Authorization: `Bearer ${key.rawKey}` };
    expect((await front.send('/', { headers: { ...claims, ...bearer } })).status).toBe(200);
    expect(recorded).toHaveLength(1);
    expect(JSON.stringify(recorded)).not.toMatch(/key_forged|root@example\.com|"other"/);
    expect((await front.send('/', { headers: claims })).status).toBe(401);
    expect(recorded).toHaveLength(1);
  });

  test('returns 401 without a valid key and 403 for a key of another tool', async () => {
    const { front, otherKey, recorded } = await protectedService(name);
    const none = await front.send('/v1/search');
    expect(none.status).toBe(401);
    expect(none.headers['www-authenticate']).toContain('Bearer');
    const foreign = await front.send('/v1/search', { headers: { Authorization: 'Bearer sk-of-somebody' } });
    expect(foreign.status).toBe(401);
    const headers = { 'X-Api-Key': otherKey.rawKey };
    expect((await front.send('/v1/search', { method: 'POST', headers, body: '{}' })).status).toBe(403);
    expect(recorded).toHaveLength(0);
  });

  test('returns 401 for the first request after a revocation', async () => {
    const { app, front, holder, key, recorded } = await protectedService(name);
    const headers = { Authorization: `Bearer ${key.rawKey}` };
    expect((await front.send('/', { headers })).status).toBe(200);
    await callerAs(app, holder.id).keys.revoke({ keyId: key.id });
    expect((await front.send('/', { headers })).status).toBe(401);
    expect(recorded).toHaveLength(1);
  });

  test('rejects all requests while My AI Keys is unreachable', async () => {
    const { origin: service, recorded } = await serveRecorder((_, response) => response.end('served'));
    const nowhere = new URL(await serveUpstream((request) => request.socket.destroy())).host;
    const front = await FRONTS[name]?.({ myAiKeys: nowhere, service: new URL(service).host });
    const answer = await front?.send('/', { headers: { Authorization: 'Bearer anything' } });
    expect(answer?.status).toBeGreaterThanOrEqual(500);
    expect(recorded).toHaveLength(0);
  });
});
