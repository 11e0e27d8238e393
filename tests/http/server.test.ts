import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HttpClient, httpClient, signIn } from '../helpers/http';
import { ADMIN, type RunningServer, startServer } from '../helpers/server';

let server: RunningServer;
let admin: HttpClient;

beforeAll(async () => {
  server = await startServer({ firstAdmin: true });
  admin = await signIn(server.url, ADMIN);
});

afterAll(async () => {
  await server.stop();
  server.removeData();
});

const PAGES = ['/sign-in', '/me/ai-keys', '/admin/ai/pending-keys', '/no-such-page'];

describe('health', () => {
  it('answers /healthz and /readyz to anybody, without a cache keeping it', async () => {
    for (const path of ['/healthz', '/readyz']) {
      const response = await httpClient(server.url).get(path);
      expect(response.status).toBe(200);
      expect(response.headers.get('cache-control')).toBe('no-store');
    }
  });
});

describe('/metrics of the built server', () => {
  it('tells how late the event loop is, which a bundle easily loses', async () => {
    // The first look begins anew; the histogram behind it takes a sample every hundredth of a second.
    const maximum = async () => {
      const text = await (await httpClient(server.url).get('/metrics')).text();
      return Number(/^nodejs_eventloop_lag_max_seconds (\S+)$/m.exec(text)?.[1]);
    };
    await expect.poll(maximum).toBeGreaterThan(0);
  });
});

describe('pages', () => {
  it('carry a policy that runs only scripts and styles of this very answer, and are framed by nobody', async () => {
    const nonces = new Set<string>();
    for (const path of PAGES) {
      const response = await admin.get(path);
      const policy = response.headers.get('content-security-policy') ?? '';
      expect(policy, path).toContain("default-src 'none'");
      expect(policy, path).toContain("frame-ancestors 'none'");
      expect(policy, path).toContain("base-uri 'none'");
      expect(policy, path).not.toContain('unsafe');
      const nonce = /'nonce-([^']+)'/.exec(policy)?.[1] ?? '';
      expect(nonce.length, path).toBeGreaterThan(20);
      nonces.add(nonce);
      const html = await response.text();
      const inline = html.match(/<script(?![^>]*\bsrc=)[^>]*>/g) ?? [];
      for (const tag of inline) expect(tag, path).toContain(`nonce="${nonce}"`);
    }
    expect(nonces.size).toBe(PAGES.length);
  });

  it('are kept in no cache, sniffed for no other type, and tell no other site where a person came from', async () => {
    for (const path of PAGES) {
      const { headers } = await admin.get(path);
      expect(headers.get('cache-control'), path).toBe('no-store');
      expect(headers.get('x-content-type-options'), path).toBe('nosniff');
      expect(headers.get('referrer-policy'), path).toBe('same-origin');
      expect(headers.get('cross-origin-opener-policy'), path).toBe('same-origin');
      expect(headers.get('x-powered-by'), path).toBeNull();
    }
  });

  it('promise https only where the public address is https', async () => {
    expect((await admin.get('/sign-in')).headers.get('strict-transport-security')).toBeNull();
  });

  it('are replaced by a page that says so, with status 404, where there is none', async () => {
    for (const path of ['/no-such-page', '/admin/no-such-page', '/me/ai-keys/request/no-such-tool']) {
      const response = await admin.get(path, { Accept: 'text/html' });
      expect(response.status, path).toBe(404);
      expect(await response.text(), path).toContain('<h1');
    }
  });

  it('send the signed out to the sign-in page, and remember where they wanted to go', async () => {
    const response = await httpClient(server.url).get('/me/ai-keys?status=live');
    expect(response.status).toBe(302);
    expect(response.headers.get('location')).toBe(
      `/sign-in?next=${encodeURIComponent('/me/ai-keys?status=live')}`,
    );
  });

  it('say to whoever sends a form after their session ended that nothing was changed, and lead back to it', async () => {
    const stranger = httpClient(server.url);
    const form = '/me/ai-keys/request/echo';
    const response = await stranger.post(form, { environment: 'development', purpose: 'Too late' });
    expect(response.status).toBe(303);
    const location = response.headers.get('location') ?? '';
    expect(location).toBe(`/sign-in?next=${encodeURIComponent(form)}`);
    expect(await (await stranger.get(location)).text()).toContain('Your session has ended.');
    expect((await stranger.post(location, ADMIN)).headers.get('location')).toBe(form);
  });

  it('are refused to a member under /admin with status 403', async () => {
    const invitation = await admin.mutate('users.invite', { email: 'ben@example.com', role: 'member' });
    const { url } = invitation.data as { url: string };
    const ben = httpClient(server.url);
    const path = url.slice(new URL(url).origin.length);
    await ben.post(path, { name: 'Ben', password: 'seven otters under glass' });
    for (const page of ['/admin', '/admin/ai/pending-keys', '/admin/ai/pending-keys.data']) {
      expect((await ben.get(page)).status, page).toBe(403);
    }
  });
});

describe('the session cookie', () => {
  it('is out of reach of scripts and other sites', async () => {
    const response = await httpClient(server.url).post('/sign-in', ADMIN);
    const [cookie] = response.headers.getSetCookie();
    expect(cookie).toMatch(/^my-ai-keys=/);
    expect(cookie).toContain('HttpOnly');
    expect(cookie).toContain('SameSite=Lax');
    expect(cookie).toContain('Path=/');
  });
});

describe('a request that began on another site', () => {
  const FOREIGN: Record<string, string>[] = [
    { Origin: 'https://evil.example' },
    { Origin: 'null' },
    { Origin: 'https://evil.example', 'Sec-Fetch-Site': 'cross-site' },
    { 'Sec-Fetch-Site': 'cross-site' },
    { 'Sec-Fetch-Site': 'same-site' },
  ];
  const TARGETS = [
    '/sign-in',
    '/sign-in.data',
    '/sign-out',
    '/me/ai-keys/request/echo',
    '/me/ai-keys/request/echo.data',
    '/admin/ai/pending-keys',
    '/api/trpc/keys.request',
    '/api/trpc/tools.setRequiresApproval',
    '/no-such-page',
  ];

  it('changes nothing, whether at a page, its data, a resource route or the API', async () => {
    for (const path of TARGETS) {
      for (const foreign of FOREIGN) {
        for (const type of ['application/x-www-form-urlencoded', 'application/json', 'text/plain']) {
          const response = await fetch(server.url + path, {
            method: 'POST',
            headers: { Cookie: admin.cookie, 'Content-Type': type, ...foreign },
            body: type === 'application/json' ? '{}' : 'environment=development&purpose=attack',
            redirect: 'manual',
          });
          expect(response.status, `${path} ${JSON.stringify(foreign)} ${type}`).toBe(403);
        }
      }
    }
    expect((await admin.query('keys.mine')).data).toEqual([]);
  });

  it('is answered when it only reads, since the answer cannot be read by another site', async () => {
    const response = await admin.get('/me/ai-keys', { Origin: 'https://evil.example' });
    expect(response.status).toBe(200);
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('the API', () => {
  it('takes JSON and nothing else', async () => {
    for (const type of [
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'text/plain',
      '',
    ]) {
      const response = await fetch(`${server.url}/api/trpc/keys.request`, {
        method: 'POST',
        headers: { Cookie: admin.cookie, 'Content-Type': type },
        body: JSON.stringify({ tool: 'echo', environment: 'development', purpose: 'Trying' }),
      });
      expect(response.status, type).toBe(415);
    }
    expect((await admin.query('keys.mine')).data).toEqual([]);
  });

  it('carries out no mutation that comes as a GET', async () => {
    const input = encodeURIComponent(
      JSON.stringify({ tool: 'echo', environment: 'development', purpose: 'Trying' }),
    );
    const response = await admin.get(`/api/trpc/keys.request?input=${input}`);
    expect(response.status).toBeGreaterThanOrEqual(400);
    expect((await admin.query('keys.mine')).data).toEqual([]);
  });

  it('answers refusals with a status, a reason for machines and no stack', async () => {
    const stranger = httpClient(server.url);
    expect(await stranger.query('keys.mine')).toMatchObject({ status: 401, reason: 'signed-out' });
    expect(await admin.mutate('keys.reveal', { keyId: `key_${'0'.repeat(20)}` })).toMatchObject({
      status: 404,
    });
    expect(await admin.mutate('keys.request', { tool: 'echo' })).toMatchObject({
      status: 400,
      reason: 'invalid-input',
    });
    const raw = await fetch(`${server.url}/api/trpc/keys.mine`);
    expect(await raw.text()).not.toMatch(/stack|node_modules|\.ts:\d/);
  });

  it('refuses an unknown procedure and broken JSON without calling it a fault', async () => {
    expect((await admin.query('no.suchProcedure')).status).toBe(404);
    const response = await fetch(`${server.url}/api/trpc/keys.request`, {
      method: 'POST',
      headers: { Cookie: admin.cookie, 'Content-Type': 'application/json' },
      body: '{"tool":',
    });
    expect(response.status).toBe(400);
  });

  it('keeps its answers out of every cache', async () => {
    const response = await admin.get('/api/trpc/keys.mine');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  });
});

describe('a request that is too large', () => {
  const TOO_MUCH = 'x'.repeat(300 * 1024);

  it('is refused when it says its size', async () => {
    for (const path of ['/sign-in', '/api/trpc/keys.request']) {
      const response = await fetch(server.url + path, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: TOO_MUCH,
      });
      expect(response.status, path).toBe(413);
    }
  });

  it('is refused when it comes in chunks without a size', async () => {
    for (const path of ['/sign-in', '/api/trpc/keys.request']) {
      const response = await fetch(server.url + path, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: new Blob([TOO_MUCH]).stream(),
        duplex: 'half',
      } as RequestInit);
      expect(response.status, path).toBe(413);
    }
  });
});

describe('assets', () => {
  it('are kept for ever by browsers, and come compressed', async () => {
    const html = await (await admin.get('/me/ai-keys')).text();
    const assets = [...html.matchAll(/(?:href|src)="(\/assets\/[^"]+\.(?:js|css))"/g)].map(
      ([, path]) => path,
    );
    expect(assets.length).toBeGreaterThan(2);
    for (const path of assets) {
      const response = await fetch(server.url + path, { headers: { 'Accept-Encoding': 'br' } });
      expect(response.status, path).toBe(200);
      expect(response.headers.get('cache-control'), path).toBe('public, max-age=31536000, immutable');
      expect(response.headers.get('x-content-type-options'), path).toBe('nosniff');
      const size = (await response.arrayBuffer()).byteLength;
      if (size > 2_000) expect(response.headers.get('content-encoding'), path).toBe('br');
    }
  });

  it('cannot be used to read a file outside their folder', async () => {
    for (const path of [
      '/assets/../../server/index.js',
      '/assets/%2e%2e/%2e%2e/server/index.js',
      '/..%2fstamp.json',
    ]) {
      const response = await admin.get(path);
      expect(response.status, path).toBe(404);
    }
  });
});

describe('the log', () => {
  it('has neither the password nor the session token, at the finest level', () => {
    const token = admin.cookie.split('=')[1] ?? '';
    expect(server.output()).toContain('"level":20');
    expect(server.output()).not.toContain(ADMIN.password);
    expect(token.length).toBeGreaterThan(20);
    expect(server.output()).not.toContain(token);
  });
});
