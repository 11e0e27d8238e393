import { eq } from 'drizzle-orm';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { mintRawKey } from '~/crypto/key-format.server';
import type { App } from '~/server/create-app.server';
import { tools, users } from '~db/schema';
import { type Dialect, dialects } from '~db/schema/enums';
import { callerAs, testApp } from '../helpers/app';
import { addKey, addTool, type IssuedKey } from '../helpers/factories';
import { exchange, serveGateway, serveRecorder, serveUpstream } from './harness';

let app: App;
let origin: string;
let tool: typeof tools.$inferSelect;
let key: IssuedKey;
let upstream: Awaited<ReturnType<typeof serveRecorder>>;

beforeEach(async () => {
  app = await testApp();
  upstream = await serveRecorder((_, response) => response.end('ok'));
  const shared = { needsCredential: false, upstreamUrl: upstream.origin };
  tool = await addTool(app, { slug: 'acme', displayName: 'Acme', ...shared });
  await addTool(app, { slug: 'other', displayName: 'Other', ...shared });
  key = await addKey(app, tool.id, { environment: 'production' });
  ({ origin } = await serveGateway(app));
});

const asBearer = (rawKey: string) => ({ authorization: `Bearer ${rawKey}` });
const ENDPOINTS = ['gateway', 'verify'] as const;

/** Calls an endpoint for the tool `acme`. */
async function ask(endpoint: (typeof ENDPOINTS)[number], headers: HeadersInit, path = '/acme/x') {
  const response = await fetch(`${origin}/${endpoint}${path}`, { headers });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    text,
    error: text.startsWith('{') ? JSON.parse(text).error : null,
  };
}

describe.each(ENDPOINTS)('at the %s endpoint, a key', (endpoint) => {
  test.each([
    ['Authorization: Bearer', (raw: string) => ({ Authorization: `Bearer ${raw}` })],
    ['Authorization: bearer, in any case', (raw: string) => ({ authorization: `bEARER ${raw}` })],
    ['x-api-key', (raw: string) => ({ 'x-api-key': raw })],
    ['api-key', (raw: string) => ({ 'api-key': raw })],
    ['x-goog-api-key', (raw: string) => ({ 'x-goog-api-key': raw })],
    [
      'x-api-key and another provider’s key in Authorization',
      (raw: string) => ({ authorization: 'Bearer sk-old', 'x-api-key': raw }),
    ],
    [
      'Authorization and another provider’s key in x-api-key',
      (raw: string) => ({ authorization: `Bearer ${raw}`, 'x-api-key': 'sk-ant-old' }),
    ],
    [
      'two headers with the same key',
      (raw: string) => ({ authorization: `Bearer ${raw}`, 'x-api-key': raw }),
    ],
  ])('is accepted in %s', async (_, headers) => {
    expect((await ask(endpoint, headers(key.rawKey))).status).toBe(200);
  });

  test('is accepted in ?key=', async () => {
    expect((await ask(endpoint, {}, `/acme/x?a=b&key=${key.rawKey}`)).status).toBe(200);
  });

  test('is required', async () => {
    const { status, error, headers } = await ask(endpoint, {});
    expect(status).toBe(401);
    expect(error.message).toContain('No key in this request');
    expect(error.message).toContain('/me/ai-keys');
    expect(headers.get('www-authenticate')).toMatch(/^Bearer/);
  });

  test('of a provider, or mistyped, is rejected without a database read', async () => {
    await ask(endpoint, {}); // caches the tool
    const reads = vi.spyOn(Object.getPrototypeOf(app.db.connections.read.prepare('select 1')), 'get');
    const last = key.rawKey.at(-1) === 'a' ? 'b' : 'a';
    for (const bad of ['sk-proj-123', key.rawKey.slice(0, -1), key.rawKey.slice(0, -1) + last, 'aik_dev_x']) {
      const { status, error, text } = await ask(endpoint, asBearer(bad));
      expect(status).toBe(401);
      expect(error.message).toContain("isn't a My AI Keys key");
      expect(text).not.toContain(bad);
    }
    expect(reads).not.toHaveBeenCalled();
    await ask(endpoint, asBearer(key.rawKey));
    expect(reads).toHaveBeenCalledTimes(1); // a valid key costs one read
  });

  test('is rejected together with a different key', async () => {
    const second = await addKey(app, tool.id);
    const { status, error } = await ask(endpoint, { ...asBearer(key.rawKey), 'x-api-key': second.rawKey });
    expect(status).toBe(401);
    expect(error.message).toContain('two different keys');
  });

  test('that was never issued is rejected', async () => {
    const { status, error } = await ask(endpoint, asBearer(mintRawKey('production').rawKey));
    expect(status).toBe(401);
    expect(error.message).toContain('was not issued by this server');
    expect(upstream.recorded).toEqual([]);
  });

  test('that is revoked is rejected with the date and where to get another', async () => {
    app.now = () => Date.UTC(2026, 10, 7, 14, 3);
    await callerAs(app, key.holderId).keys.revoke({ keyId: key.id });
    const { status, error } = await ask(endpoint, asBearer(key.rawKey));
    expect(status).toBe(401);
    expect(error.message).toContain('revoked on 7 Nov 2026, 14:03 UTC');
    expect(error.message).toContain('/me/ai-keys');
  });

  test('whose holder is disabled is rejected', async () => {
    await app.db.write(async (tx) => {
      await tx.update(users).set({ disabledAt: app.now() }).where(eq(users.id, key.holderId));
    });
    const { status, error } = await ask(endpoint, asBearer(key.rawKey));
    expect(status).toBe(401);
    expect(error.message).toContain('disabled');
  });

  test('of another tool is rejected with 403 and the name of its tool', async () => {
    const { status, error } = await ask(endpoint, asBearer(key.rawKey), '/other/x');
    expect(status).toBe(403);
    expect(error.message).toContain('This key is for Acme');
  });

  test('is rejected with 403 if the tool doesn’t exist', async () => {
    expect((await ask(endpoint, asBearer(key.rawKey), '/nothing/x')).status).toBe(403);
  });

  test('of an archived tool is rejected with 403 until the tool is restored', async () => {
    await setArchived(app.now());
    const refused = await ask(endpoint, asBearer(key.rawKey));
    expect(refused.status).toBe(403);
    expect(refused.error.message).toContain('Acme is archived');
    await setArchived(null);
    expect((await ask(endpoint, asBearer(key.rawKey))).status).toBe(200);
  });
});

async function setArchived(at: number | null) {
  await app.db.write(async (tx) => {
    await tx.update(tools).set({ archivedAt: at }).where(eq(tools.id, tool.id));
  });
}

describe('the verify endpoint', () => {
  test.each(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])(
    'returns the key’s holder, tool and environment for %s',
    async (method) => {
      const response = await fetch(`${origin}/verify/acme`, { method, headers: asBearer(key.rawKey) });
      expect(response.status).toBe(200);
      expect(Object.fromEntries(response.headers)).toMatchObject({
        'x-key-id': key.id,
        'x-key-holder': key.holderEmail,
        'x-key-holder-id': key.holderId,
        'x-key-tool': 'acme',
        'x-key-environment': 'production',
        'cache-control': 'no-store',
      });
      expect(await response.text()).toBe('');
      expect(upstream.recorded).toEqual([]);
    },
  );

  test('accepts keys of a tool without a credential', async () => {
    const bare = await addTool(app, { slug: 'bare', needsCredential: true });
    const { rawKey } = await addKey(app, bare.id);
    expect((await ask('verify', asBearer(rawKey), '/bare')).status).toBe(200);
  });

  test('responds without waiting for a body', async () => {
    const answer = await exchange(
      origin,
      `POST /verify/acme HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\nAuthorization: Bearer ${key.rawKey}\r\n\r\n`,
      '\r\n\r\n',
    );
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  });
});

describe('the base URL', () => {
  test.each(['/gateway', '/gateway/', '/verify', '/verify/', '/gateway/?x=y'])('%s is 404', async (path) => {
    const response = await fetch(origin + path, { headers: asBearer(key.rawKey) });
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ error: { code: 'not-found' } });
  });

  test('is separate from the rest of the server', async () => {
    const response = await fetch(`${origin}/me/ai-keys`);
    expect(response.headers.get('x-rest')).toBe('yes');
  });
});

describe.each(dialects)('a client of the %s dialect', (dialect) => {
  const id = dialect === 'anthropic' ? 'request-id' : 'x-request-id';
  const error = (status: keyof typeof ERRORS, requestId: string): unknown =>
    SHAPES[dialect](status, requestId);

  async function refusal(status: number, path: string, headers: HeadersInit = {}) {
    const response = await fetch(`${origin}${path}`, { headers });
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toMatch(/^application\/json/);
    expect(response.headers.get('date')).not.toBeNull();
    const requestId = response.headers.get(id) ?? '';
    expect(requestId).toMatch(/^call_/);
    return { response, body: await response.json(), requestId };
  }

  const make = (changes: Partial<typeof tools.$inferInsert> = {}) =>
    addTool(app, {
      slug: 'spoken',
      displayName: 'Spoken',
      dialect,
      credentialHeader: 'x-token',
      needsCredential: false,
      upstreamUrl: upstream.origin,
      ...changes,
    });

  test('gets 401 for a missing key in its own shape', async () => {
    await make();
    for (const path of ['/gateway/spoken', '/gateway/spoken/v1/x', '/verify/spoken/v1']) {
      const { body, requestId, response } = await refusal(401, path);
      expect(body).toEqual(error(401, requestId));
      expect(response.headers.get('x-should-retry')).toBe('false');
    }
    const head = await fetch(`${origin}/gateway/spoken`, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([401, '']);
  });

  test('gets 403 for a key of another tool', async () => {
    await make();
    const { body, requestId, response } = await refusal(403, '/gateway/spoken/v1', asBearer(key.rawKey));
    expect(body).toEqual(error(403, requestId));
    expect(response.headers.get('x-should-retry')).toBe('false');
  });

  test('gets 503 for a tool without a credential, with the admin’s page', async () => {
    const spoken = await make({ needsCredential: true });
    const { rawKey } = await addKey(app, spoken.id);
    const { body, requestId } = await refusal(503, '/gateway/spoken/v1', asBearer(rawKey));
    expect(body).toEqual(error(503, requestId));
    expect(JSON.stringify(body)).toContain('/admin/ai/tools');
  });

  test('gets 502 for an unreachable upstream, without its address', async () => {
    const spoken = await make({ upstreamUrl: 'http://127.0.0.1:9' });
    const { rawKey } = await addKey(app, spoken.id);
    const { body, requestId, response } = await refusal(502, '/gateway/spoken/v1', asBearer(rawKey));
    expect(body).toEqual(error(502, requestId));
    expect(JSON.stringify([body, [...response.headers]])).not.toMatch(/127\.0\.0\.1:9|ECONNREFUSED/);
  });

  test('gets 504 for an upstream that doesn’t respond', async () => {
    const silent = await serveUpstream(() => undefined);
    const spoken = await make({ upstreamUrl: silent, headersTimeoutMs: 30 });
    const { rawKey } = await addKey(app, spoken.id);
    const { body, requestId } = await refusal(504, '/gateway/spoken/v1', asBearer(rawKey));
    expect(body).toEqual(error(504, requestId));
    expect(JSON.stringify(body)).not.toContain(new URL(silent).port);
  });

  test('gets 429 above the concurrency limit, with Retry-After', async () => {
    const spoken = await make({ maxConcurrentPerKey: 0 });
    const { rawKey } = await addKey(app, spoken.id);
    const { body, requestId, response } = await refusal(429, '/gateway/spoken/v1', asBearer(rawKey));
    expect(body).toEqual(error(429, requestId));
    expect(response.headers.get('retry-after')).toBe('1');
  });
});

const message = expect.any(String);

/** By status: type and code of OpenAI, type of Anthropic, status of Gemini. */
const ERRORS = {
  401: ['invalid_request_error', 'invalid_api_key', 'authentication_error', 'UNAUTHENTICATED'],
  403: ['invalid_request_error', 'permission_denied', 'permission_error', 'PERMISSION_DENIED'],
  429: ['rate_limit_error', 'rate_limit_exceeded', 'rate_limit_error', 'RESOURCE_EXHAUSTED'],
  502: ['server_error', null, 'api_error', 'UNAVAILABLE'],
  503: ['server_error', null, 'api_error', 'UNAVAILABLE'],
  504: ['server_error', null, 'api_error', 'UNAVAILABLE'],
} as const;

/** The error body by dialect. */
const SHAPES: Record<Dialect, (status: keyof typeof ERRORS, requestId: string) => unknown> = {
  openai: (status) => ({
    error: { message, type: ERRORS[status][0], param: null, code: ERRORS[status][1] },
  }),
  anthropic: (status, requestId) => ({
    type: 'error',
    error: { type: ERRORS[status][2], message },
    request_id: requestId,
  }),
  gemini: (status) => ({ error: { code: status, message, status: ERRORS[status][3] } }),
  generic: () => ({ error: { message, code: expect.stringMatching(/^[a-z-]+$/) } }),
};
