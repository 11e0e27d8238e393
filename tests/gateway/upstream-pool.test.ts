import { lookup } from 'node:dns';
import type { ServerResponse } from 'node:http';
import { networkInterfaces } from 'node:os';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Gateway } from '~/gateway/gateway.server';
import type { App } from '~/server/create-app.server';
import { callerAs, testApp } from '../helpers/app';
import { addCredential, addKey, addTool, addUser, CREDENTIAL } from '../helpers/factories';
import { serveGateway, serveRecorder, serveUpstream, signal } from './harness';

vi.mock('node:dns', async (original) => {
  const real = await original<typeof import('node:dns')>();
  return { ...real, lookup: vi.fn(real.lookup) };
});

vi.mock('node:os', async (original) => {
  const real = await original<typeof import('node:os')>();
  return { ...real, networkInterfaces: vi.fn(real.networkInterfaces) };
});

let app: App;
let origin: string;
let port: number;
let gateway: Gateway;
let upstream: Awaited<ReturnType<typeof serveRecorder>>;

beforeEach(async () => {
  app = await testApp({ ORIGIN: 'https://keys.example.com' });
  upstream = await serveRecorder((_, response) => response.end('reached'));
  ({ origin, port, gateway } = await serveGateway(app));
});

/** Resolves all host names to these addresses from now on. */
function resolveTo(...addresses: string[]) {
  vi.mocked(lookup).mockImplementation(((
    _name: string,
    _options: object,
    callback: (...results: unknown[]) => void,
  ) => {
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  }) as typeof lookup);
}

/** Calls a tool with this upstream through both transports. Returns both statuses. */
async function statuses(upstreamUrl: string, changes: { allowsPlainHttp?: boolean } = {}) {
  const tool = await addTool(app, { upstreamUrl, needsCredential: false, ...changes });
  const { rawKey } = await addKey(app, tool.id);
  const call = async (body: string) => {
    const response = await fetch(`${origin}/gateway/${tool.slug}/x`, {
      method: 'POST',
      headers: { 'x-api-key': rawKey },
      body,
    });
    const text = await response.text();
    expect(text).not.toMatch(/169\.254|8\.8\.8\.8|127\.0\.0\.1|model\.internal/);
    return response.status;
  };
  return [await call('small'), await call('x'.repeat(100_000))];
}

const portOf = (url: string) => new URL(url).port;

describe('an upstream', () => {
  test('is called at the address of its host name', async () => {
    resolveTo('127.0.0.1');
    expect(await statuses(`http://model.internal:${portOf(upstream.origin)}`)).toEqual([200, 200]);
    expect(upstream.recorded[0]?.headers.host).toBe(`model.internal:${portOf(upstream.origin)}`);
  });

  test.each([
    ['a public address', ['8.8.8.8']],
    ['a link-local address', ['169.254.169.254']],
    ['a cloud metadata address', ['fd00:ec2::254']],
    ['a reserved address', ['0.0.0.0']],
    ['a public address mapped into IPv6', ['::ffff:8.8.8.8']],
  ])('without https whose name resolves to %s is not called', async (_, addresses) => {
    resolveTo(...addresses);
    expect(await statuses('http://model.internal:8080')).toEqual([503, 503]);
  });

  test('is called only at its allowed addresses', async () => {
    resolveTo('169.254.169.254', '127.0.0.1', '8.8.8.8');
    expect(await statuses(`http://model.internal:${portOf(upstream.origin)}`)).toEqual([200, 200]);
  });

  test('that is this server with another name is not called', async () => {
    resolveTo('127.0.0.1');
    expect(await statuses(`http://model.internal:${port}`)).toEqual([503, 503]);
    resolveTo('::ffff:127.0.0.1');
    expect(await statuses(`http://model.internal:${port}/gateway/x`)).toEqual([503, 503]);
  });

  test('that is this server at another of its machine’s addresses is not called', async () => {
    const own = { address: '10.9.8.7', netmask: '255.0.0.0', mac: '', internal: false, cidr: null };
    vi.mocked(networkInterfaces).mockReturnValue({ eth0: [{ ...own, family: 'IPv4' }] });
    resolveTo('10.9.8.7');
    expect(await statuses(`http://model.internal:${port}`)).toEqual([503, 503]);
    expect(await statuses(`http://10.9.8.7:${port}`)).toEqual([503, 503]);
    resolveTo('::ffff:10.9.8.7');
    expect(await statuses(`http://model.internal:${port}/x`)).toEqual([503, 503]);
  });

  test.each([
    'http://127.0.0.1:PORT',
    'http://localhost:PORT/gateway/echo',
    'http://[::1]:PORT',
    'http://127.0.0.2:PORT',
    'http://8.8.8.8',
    'http://169.254.169.254/latest',
    'http://api.example.com',
  ])('that is in the database despite the rules is not called: %s', async (url) => {
    expect(await statuses(url.replace('PORT', String(port)))).toEqual([503, 503]);
  });

  test('whose name can’t be resolved is unreachable', async () => {
    vi.mocked(lookup).mockImplementation(((
      _name: string,
      _options: object,
      callback: (error: Error) => void,
    ) => {
      callback(Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' }));
    }) as typeof lookup);
    expect(await statuses('https://nowhere.example')).toEqual([502, 502]);
  });

  test('that accepts no connection is unreachable after ten seconds', async () => {
    const tool = await addTool(app, { upstreamUrl: 'https://silent.example', needsCredential: false });
    const { rawKey } = await addKey(app, tool.id);
    const looked = vi.mocked(lookup);
    looked.mockClear().mockImplementation((() => undefined) as unknown as typeof lookup); // never responds
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const answer = fetch(`${origin}/gateway/${tool.slug}/x`, {
      method: 'POST',
      headers: { 'x-api-key': rawKey },
      body: 'x'.repeat(100_000),
    });
    await expect.poll(() => looked.mock.calls.length).toBe(1);
    await vi.advanceTimersByTimeAsync(10_000);
    expect((await answer).status).toBe(502);
  });

  test('is not called if the client disconnects during the DNS lookup', async () => {
    const upstreamUrl = `http://model.internal:${portOf(upstream.origin)}`;
    const tool = await addTool(app, { upstreamUrl, needsCredential: false });
    const { rawKey } = await addKey(app, tool.id);
    const call = (path: string, body: string, signal?: AbortSignal) =>
      fetch(`${origin}/gateway/${tool.slug}${path}`, {
        method: 'POST',
        headers: { 'x-api-key': rawKey },
        body,
        signal,
      });
    for (const body of ['small', 'x'.repeat(100_000)]) {
      const received = signal<() => void>();
      vi.mocked(lookup).mockImplementation(((
        _: string,
        __: object,
        callback: (...results: unknown[]) => void,
      ) => received.fire(() => callback(null, [{ address: '127.0.0.1', family: 4 }]))) as typeof lookup);
      const leaving = new AbortController();
      const disconnected = expect(call('/gone', body, leaving.signal)).rejects.toThrow();
      const found = await received.promise;
      leaving.abort();
      await disconnected;
      await expect.poll(() => gateway.activeCalls()).toBe(0);
      found();
      resolveTo('127.0.0.1');
      expect((await call('/next', body)).status).toBe(200);
    }
    expect(upstream.recorded.map(({ url }) => url)).toEqual(['/next', '/next']);
  });

  test('is called at its base path plus the path of the call', async () => {
    for (const [base, path, expected] of [
      ['', '', '/'],
      ['', '?a=b', '/?a=b'],
      ['/', '/v1', '/v1'],
      ['/base', '', '/base'],
      ['/base/', '', '/base'],
      ['/base/', '/', '/base/'],
      ['/a/b', '/v1/x?y', '/a/b/v1/x?y'],
    ]) {
      upstream.recorded.length = 0;
      const tool = await addTool(app, { upstreamUrl: upstream.origin + base, needsCredential: false });
      const { rawKey } = await addKey(app, tool.id);
      await fetch(`${origin}/gateway/${tool.slug}${path}`, { headers: { 'x-api-key': rawKey } });
      expect(upstream.recorded.map(({ url }) => url)).toEqual([expected]);
    }
  });

  test('that an admin changes is used from the next call on', async () => {
    const second = await serveRecorder((_, response) => response.end('second'));
    const tool = await addTool(app, { slug: 'acme', upstreamUrl: upstream.origin, needsCredential: false });
    const { rawKey } = await addKey(app, tool.id);
    const call = () =>
      fetch(`${origin}/gateway/acme/x`, { headers: { 'x-api-key': rawKey } }).then((response) =>
        response.text(),
      );
    expect(await call()).toBe('reached');
    const admin = await addUser(app, 'admin');
    await callerAs(app, admin.id).tools.update({ tool: 'acme', upstreamUrl: second.origin });
    expect(await call()).toBe('second');
  });
});

test('calls in progress continue when an admin changes the upstream of their tool', async () => {
  const waiting: ServerResponse[] = [];
  const slow = await serveUpstream((request, response) => {
    request.resume().once('end', () => waiting.push(response));
  });
  const tool = await addTool(app, { slug: 'acme', upstreamUrl: slow, needsCredential: false });
  const { rawKey } = await addKey(app, tool.id);
  const running = ['small', 'x'.repeat(100_000)].map((body) =>
    fetch(`${origin}/gateway/acme/x`, { method: 'POST', headers: { 'x-api-key': rawKey }, body }),
  );
  await expect.poll(() => waiting.length).toBe(2);
  const admin = await addUser(app, 'admin');
  await callerAs(app, admin.id).tools.update({ tool: 'acme', upstreamUrl: upstream.origin });
  for (const response of waiting) response.end('whole');
  for (const answer of running) expect(await (await answer).text()).toBe('whole');
});

describe('a provider credential', () => {
  async function withCredential() {
    const tool = await addTool(app, { slug: 'acme', displayName: 'Acme', upstreamUrl: upstream.origin });
    await addCredential(app, tool.id);
    const { rawKey } = await addKey(app, tool.id);
    const call = () => fetch(`${origin}/gateway/acme/x`, { headers: { 'x-api-key': rawKey } });
    return { tool, call };
  }

  test('that is replaced is used from the next call on', async () => {
    const { tool, call } = await withCredential();
    await call();
    await addCredential(app, tool.id, 'another-credential');
    await call();
    expect(upstream.recorded.map(({ headers }) => headers.authorization)).toEqual([
      `Bearer ${CREDENTIAL}`,
      'Bearer another-credential',
    ]);
  });

  test.each(['nonce', 'sealed', 'master_key_id'])(
    'with a changed bit of %s is rejected and not sent',
    async (column) => {
      const log = vi.spyOn(app.log, 'error').mockReturnValue();
      const { tool, call } = await withCredential();
      expect((await call()).status).toBe(200);
      const { write } = app.db.connections;
      const row = write
        .prepare<[string], Record<string, Buffer | string>>(
          'select * from tool_credentials where tool_id = ?',
        )
        .get(tool.id);
      const value = row?.[column];
      const changed =
        typeof value === 'string'
          ? `${value}x`
          : Buffer.from(value ?? []).map((byte, index) => (index === 3 ? byte ^ 1 : byte));
      write.prepare(`update tool_credentials set ${column} = ? where tool_id = ?`).run(changed, tool.id);
      const response = await call();
      expect(response.status).toBe(503);
      expect((await response.json()).error.message).toContain("can't be decrypted");
      expect(upstream.recorded).toHaveLength(1);
      expect(log).toHaveBeenCalled();
      expect(JSON.stringify(log.mock.calls)).not.toContain(CREDENTIAL);
    },
  );

  test('replaces the client’s header of the name that the admin chose', async () => {
    const tool = await addTool(app, {
      slug: 'acme',
      dialect: 'generic',
      credentialHeader: 'X-Acme-Token',
      upstreamUrl: upstream.origin,
    });
    await addCredential(app, tool.id, 'Token abc');
    const { rawKey } = await addKey(app, tool.id);
    await fetch(`${origin}/gateway/acme/x`, { headers: { 'x-api-key': rawKey, 'x-acme-token': 'mine' } });
    const { rawHeaders = [] } = upstream.recorded[0] ?? {};
    const sent = rawHeaders.filter((_, index) => rawHeaders[index - 1]?.toLowerCase() === 'x-acme-token');
    expect(sent).toEqual(['Token abc']);
  });
});
