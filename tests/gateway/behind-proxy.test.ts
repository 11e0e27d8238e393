import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { testApp } from '../helpers/app';
import { auditEntriesOf } from '../helpers/audit';
import { serveRecorder, serveTool, serveUpstream, signal } from './harness';
import { type ReverseProxy, recipes, replaceEach, runCaddy, runNginx } from './reverse-proxies';

/** The recipes for a reverse proxy in front of My AI Keys, without TLS, which would need a certificate. */
const IN_FRONT: Record<string, (myAiKeys: string) => Promise<ReverseProxy>> = {
  nginx(myAiKeys) {
    const [http = ''] = recipes('Behind a reverse proxy', 'nginx', 'nginx');
    const plain = http.replace(/^ *ssl_certificate.*\n/gm, '');
    return runNginx(
      replaceEach(plain, {
        '443 ssl http2': 'SOCKET',
        '127.0.0.1:3000': myAiKeys,
      }),
    );
  },
  caddy(myAiKeys) {
    const [site = ''] = recipes('Behind a reverse proxy', 'Caddy', 'caddyfile');
    return runCaddy(replaceEach(site, { 'keys.example.com {': 'SOCKET {', '127.0.0.1:3000': myAiKeys }));
  },
};

/** The file for compose.yaml, with the server's name there. */
function deployedCaddy(myAiKeys: string): Promise<ReverseProxy> {
  const file = readFileSync(new URL('../../docs/deploy/Caddyfile', import.meta.url), 'utf8');
  return runCaddy(replaceEach(file, { '{$DOMAIN} {': 'SOCKET {', 'server:3000': myAiKeys }));
}

const ALL = { ...IN_FRONT, 'the Caddyfile to deploy with': deployedCaddy };

describe.each(Object.keys(IN_FRONT))(
  '%s in front of My AI Keys, configured as in docs/operating.md',
  (name) => {
    test('forwards the first event of a stream before the upstream sends the second', async () => {
      const received = signal();
      const upstreamUrl = await serveUpstream(async (_, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write('data: first\n\n');
        await received.promise;
        response.end('data: second\n\n');
      });
      const { front, key } = await frontOf(name, upstreamUrl);
      const stream = await front.open('/gateway/acme/stream', { headers: { 'x-api-key': key.rawKey } });
      let text = '';
      for await (const chunk of stream) {
        text += chunk;
        if (text.includes('first')) received.fire();
      }
      expect(text).toBe('data: first\n\ndata: second\n\n');
    });

    test('forwards a body larger than its default limit', async () => {
      const { origin: upstreamUrl, recorded } = await serveRecorder((_, response) => response.end('stored'));
      const { front, key } = await frontOf(name, upstreamUrl);
      const body = Buffer.alloc(12 * 1024 * 1024, 'x');
      const answer = await front.send('/gateway/acme/files', {
        method: 'POST',
        headers: { 'x-api-key': key.rawKey },
        body,
      });
      expect(answer).toMatchObject({ status: 200, body: 'stored' });
      expect(recorded[0]?.body.equals(body)).toBe(true);
    });
  },
);

describe.each(Object.entries(ALL))('the log of %s', (_name, frontTo) => {
  const SECRET = 'aik_dev_of-somebody';
  const headers = {
    Authorization: `Bearer ${SECRET}`,
    'X-Api-Key': SECRET,
    'Api-Key': SECRET,
    'X-Goog-Api-Key': SECRET,
    'X-Custom-Key': SECRET,
    Cookie: `my-ai-keys=${SECRET}`,
    Referer: `https://keys.example.com/invite?token=${SECRET}`,
  };
  const paths = [`/gateway/gemini/v1beta/models?key=${SECRET}&page=2`, `/invite?token=${SECRET}`];

  test.each([
    ['reached', 200],
    ['not reached', 502],
  ])('contains no keys or tokens while the server is %s', async (_whether, status) => {
    const there = new URL(await serveUpstream((_, response) => response.end('served'))).host;
    const nowhere = new URL(await serveUpstream((request) => request.socket.destroy())).host;
    const front = await frontTo(status === 200 ? there : nowhere);
    for (const path of paths) expect((await front.send(path, { headers })).status).toBe(status);
    await expect.poll(() => front.logged()).toContain('/invite'); // the last request
    expect(front.logged()).not.toContain(SECRET);
  });
});

test.each(Object.entries(ALL))(
  'audit entries have the request id of %s, not the caller’s',
  async (_name, frontTo) => {
    const app = await testApp({ TRUSTED_PROXIES: '127.0.0.1' });
    const { rawKey, origin, gateway } = await serveTool(app);
    const front = await frontTo(new URL(origin).host);
    const headers = { 'X-Api-Key': rawKey, 'X-Request-Id': 'chosen-by-the-caller' };
    const answer = await front.send('/gateway/another/x', { headers });
    await gateway.close();
    const [entry] = await auditEntriesOf(app, 'gateway.refused');
    expect(entry?.requestId).toBe(answer.headers['x-request-id']);
    expect(entry?.requestId).toMatch(/^[0-9a-f-]{32,36}$/);
    await expect.poll(() => front.logged()).toContain(entry?.requestId);
  },
);

async function frontOf(name: string, upstreamUrl: string) {
  const app = await testApp();
  const { key, origin } = await serveTool(app, { upstreamUrl });
  const front = await IN_FRONT[name]?.(new URL(origin).host);
  if (front === undefined) throw new Error(`no recipe for ${name}`);
  return { front, key };
}
