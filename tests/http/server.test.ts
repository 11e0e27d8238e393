import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { version } from '../../package.json';
import { type HttpClient, httpClient, signIn } from '../helpers/http';
import { ADMIN, type RunningServer, startServer } from '../helpers/server';

const METRICS_TOKEN = 'a-token-of-the-settings';
/** What browsers fetch instead of a page after the first. */
const DATA = '/me/ai-keys.data';
const PAGES = ['/sign-in', '/me/ai-keys', '/admin/ai/pending-keys', '/no-such-page'];

let server: RunningServer;
let admin: HttpClient;
let visitor: HttpClient;

beforeAll(async () => {
  server = await startServer({ firstAdmin: true, settings: { METRICS_TOKEN } });
  admin = await signIn(server.url, ADMIN);
  visitor = httpClient(server.url);
});

afterAll(async () => {
  await server.stop();
  server.removeData();
});

it.each(['/healthz', '/readyz'])('serves %s to anyone, uncached', async (path) => {
  const response = await visitor.get(path);
  expect(response.status).toBe(200);
  expect(response.headers.get('cache-control')).toBe('no-store');
});

it('serves /metrics to clients with the token, including the event loop lag', async () => {
  expect((await visitor.get('/metrics')).status).toBe(401);
  const read = async () => {
    const response = await visitor.get('/metrics', { Authorization: `Bearer ${METRICS_TOKEN}` });
    expect(response.headers.get('content-type')).toContain('text/plain; version=0.0.4');
    return await response.text();
  };
  const text = await read();
  expect(text).toContain(`my_ai_keys_info{version="${version}"} 1\n`);
  expect(text).toContain('# TYPE my_ai_keys_gateway_overhead_seconds histogram\n');
  // The first read resets the histogram, which is sampled every 10 ms. Bundling easily breaks it.
  const lag = async () => Number(/^nodejs_eventloop_lag_max_seconds (\S+)$/m.exec(await read())?.[1]);
  await expect.poll(lag).toBeGreaterThan(0);
});

describe('pages', () => {
  it('have a policy that allows only scripts and styles with the nonce of the response', async () => {
    const nonces = new Set<string>();
    for (const path of PAGES) {
      const response = await admin.get(path);
      const policy = response.headers.get('content-security-policy') ?? '';
      for (const rule of ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"])
        expect(policy, path).toContain(rule);
      expect(policy, path).not.toContain('unsafe');
      const nonce = /'nonce-([^']+)'/.exec(policy)?.[1] ?? '';
      expect(nonce.length, path).toBeGreaterThan(20);
      nonces.add(nonce);
      const inline = (await response.text()).match(/<script(?![^>]*\bsrc=)[^>]*>/g) ?? [];
      for (const tag of inline) expect(tag, path).toContain(`nonce="${nonce}"`);
    }
    expect(nonces.size).toBe(PAGES.length);
  });

  it.each([...PAGES, DATA, '/api/trpc/keys.mine'])(
    'and the API have the security headers: %s',
    async (path) => {
      const { headers } = await admin.get(path);
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('same-origin');
      expect(headers.get('cross-origin-opener-policy')).toBe(path.startsWith('/api') ? null : 'same-origin');
      expect(headers.get('x-powered-by')).toBeNull();
      expect(headers.get('access-control-allow-origin')).toBeNull();
      expect(headers.get('strict-transport-security')).toBeNull(); // only when the public URL is https
    },
  );

  it.each(['/no-such-page', '/admin/no-such-page', '/me/ai-keys/request/no-such-tool'])(
    'that don’t exist are a 404 page: %s',
    async (path) => {
      const response = await admin.get(path, { Accept: 'text/html' });
      expect(response.status).toBe(404);
      expect(await response.text()).toContain('<h1');
    },
  );

  it('redirect visitors to the sign-in page, and back after it', async () => {
    const path = '/me/ai-keys?status=live';
    const redirect = (await visitor.get(path)).headers.get('location') ?? '';
    expect(redirect).toBe(`/sign-in?next=${encodeURIComponent(path)}`);
    const back = await httpClient(server.url).post(redirect, ADMIN);
    expect(back.headers.get('location')).toBe(path);
  });

  it('tell users whose session has ended that their form was not processed', async () => {
    const form = '/me/ai-keys/request/echo';
    const client = httpClient(server.url);
    const response = await client.post(form, { environment: 'development', purpose: 'Too late' });
    expect(response.status).toBe(303);
    const location = response.headers.get('location') ?? '';
    expect(location).toBe(`/sign-in?next=${encodeURIComponent(form)}`);
    expect(await (await client.get(location)).text()).toContain('Your session has ended.');
    expect((await client.post(location, ADMIN)).headers.get('location')).toBe(form);
  });
});

describe('the sign-in form', () => {
  const submit = (fields: Record<string, string>, query = '') =>
    httpClient(server.url).post(`/sign-in${query}`, fields);

  it('sets a cookie that scripts and other sites can’t use, and redirects to the keys', async () => {
    const response = await submit(ADMIN);
    expect(response.status).toBe(303);
    expect(response.headers.get('location')).toBe('/me/ai-keys');
    expect(response.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^my-ai-keys=[a-z2-7]{40}; HttpOnly; Max-Age=604800; Path=\/; SameSite=Lax$/),
    ]);
  });

  it.each(['//evil.example', '/\\evil.example', 'https://evil.example'])(
    'never redirects to another site: %s',
    async (next) => {
      const response = await submit(ADMIN, `?next=${encodeURIComponent(next)}`);
      expect(response.headers.get('location')).toBe('/me/ai-keys');
    },
  );

  it('keeps the email but not the password after a wrong password', async () => {
    const response = await submit({ ...ADMIN, password: 'seven otters' });
    expect(response.status).toBe(401);
    expect(response.headers.getSetCookie()).toEqual([]);
    const html = await response.text();
    expect(html).toContain('Wrong email or password.');
    expect(html).toContain(`value="${ADMIN.email}"`);
    expect(html).not.toContain('seven otters');
  });

  it('connects each error to its field', async () => {
    const html = await (await submit({ email: 'ada', password: '' })).text();
    const field = /<input[^>]*name="email"[^>]*>/.exec(html)?.[0] ?? '';
    expect(field).toContain('aria-invalid="true"');
    expect(html).toContain(`id="${/aria-describedby="([^" ]+)/.exec(field)?.[1]}"`);
  });

  it('is shown after signing out, which a link alone can’t do', async () => {
    const client = await signIn(server.url, ADMIN);
    await client.get('/sign-out');
    expect((await client.query('auth.session')).data).toMatchObject({ user: { email: ADMIN.email } });
    expect((await client.post('/sign-out', {})).headers.get('location')).toBe('/sign-in');
    expect((await client.query('auth.session')).data).toBeNull();
  });
});

describe('the API', () => {
  const ENDPOINT = '/api/trpc/keys.request';
  const INPUT = JSON.stringify({ tool: 'echo', environment: 'development', purpose: 'Trying' });
  const post = (path: string, headers: Record<string, string>, body: string) =>
    fetch(server.url + path, { method: 'POST', headers: { Cookie: admin.cookie, ...headers }, body });

  // tests/security/pages.test.ts has the same for every page.
  it.each([ENDPOINT, '/api/trpc/tools.setRequiresApproval', '/no-such-page'])(
    'rejects mutations from another site: %s',
    async (path) => {
      const origins: Record<string, string>[] = [
        { Origin: 'https://evil.example' },
        { Origin: 'null' },
        { Origin: 'https://evil.example', 'Sec-Fetch-Site': 'cross-site' },
        { 'Sec-Fetch-Site': 'cross-site' },
        { 'Sec-Fetch-Site': 'same-site' },
      ];
      for (const foreign of origins) {
        for (const type of ['application/x-www-form-urlencoded', 'application/json', 'text/plain']) {
          const response = await post(path, { 'Content-Type': type, ...foreign }, INPUT);
          expect(response.status, `${JSON.stringify(foreign)} ${type}`).toBe(403);
        }
      }
      expect((await admin.query('keys.mine')).data).toEqual([]);
    },
  );

  it('lets other sites read nothing, although it responds to their requests', async () => {
    const response = await admin.get('/api/trpc/keys.mine', { Origin: 'https://evil.example' });
    expect(response.status).toBe(200);
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
  });

  it.each(['application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'text/plain', ''])(
    'rejects content type %j',
    async (type) => {
      expect((await post(ENDPOINT, { 'Content-Type': type }, INPUT)).status).toBe(415);
      expect((await admin.query('keys.mine')).data).toEqual([]);
    },
  );

  it('rejects mutations sent as GET', async () => {
    const response = await admin.get(`${ENDPOINT}?input=${encodeURIComponent(INPUT)}`);
    expect(response.status).toBeGreaterThanOrEqual(400);
    expect((await admin.query('keys.mine')).data).toEqual([]);
  });

  it('returns errors with a status and a reason, without a stack trace', async () => {
    expect(await visitor.query('keys.mine')).toMatchObject({ status: 401, reason: 'signed-out' });
    expect(await admin.mutate('keys.reveal', { keyId: `key_${'0'.repeat(20)}` })).toMatchObject({
      status: 404,
    });
    expect(await admin.mutate('keys.request', { tool: 'echo' })).toMatchObject({
      status: 400,
      reason: 'invalid-input',
    });
    expect((await admin.query('no.suchProcedure')).status).toBe(404);
    expect((await post(ENDPOINT, { 'Content-Type': 'application/json' }, '{"tool":')).status).toBe(400);
    const raw = await visitor.get('/api/trpc/keys.mine');
    expect(await raw.text()).not.toMatch(/stack|node_modules|\.ts:\d/);
  });
});

it.each(['/sign-in', '/api/trpc/keys.request'])('rejects a too large body for %s', async (path) => {
  const body = 'x'.repeat(300 * 1024);
  const headers = { 'Content-Type': 'application/json' };
  const withLength = await fetch(server.url + path, { method: 'POST', headers, body });
  expect(withLength.status).toBe(413);
  const stream = { method: 'POST', headers, body: new Blob([body]).stream(), duplex: 'half' } as RequestInit;
  expect((await fetch(server.url + path, stream)).status).toBe(413);
});

describe('assets', () => {
  it('are compressed and cached forever', async () => {
    const html = await (await admin.get('/me/ai-keys')).text();
    const paths = [...html.matchAll(/(?:href|src)="(\/assets\/[^"]+\.(?:js|css))"/g)].map(([, path]) => path);
    expect(paths.length).toBeGreaterThan(2);
    for (const path of paths) {
      const response = await fetch(server.url + path, { headers: { 'Accept-Encoding': 'br' } });
      expect(response.status, path).toBe(200);
      expect(response.headers.get('cache-control'), path).toBe('public, max-age=31536000, immutable');
      const size = (await response.arrayBuffer()).byteLength;
      if (size > 2_000) expect(response.headers.get('content-encoding'), path).toBe('br');
    }
  });

  it.each(['/assets/../../server/index.js', '/assets/%2e%2e/%2e%2e/server/index.js', '/..%2fstamp.json'])(
    'can’t be used to read other files: %s',
    async (path) => {
      expect((await admin.get(path)).status).toBe(404);
    },
  );
});
