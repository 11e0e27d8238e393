import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { readConfig } from '~/core/config.server';
import { createLogger } from '~/core/logger.server';
import type { App } from '~/server/create-app.server';
import { closeApp, createApp } from '~/server/create-app.server';
import { toolCredentials } from '~db/schema';
import { temporaryFolder } from '../helpers/app';
import { auditEntriesOf } from '../helpers/audit';
import { addCredential, addKey, addTool } from '../helpers/factories';
import { exchange, serveBytes, serveGateway, serveUpstream } from './harness';

let app: App;
let log: Record<string, unknown>[];

/** Starts the application with the default log level and collects its log. */
async function start(settings: Record<string, string> = {}) {
  log = [];
  const config = readConfig({ DATA_DIR: temporaryFolder(), ...settings });
  app = await createApp(config, createLogger(config, { write: (line) => void log.push(JSON.parse(line)) }));
  onTestFinished(() => closeApp(app));
}

const make = (slug: string, changes: Parameters<typeof addTool>[1] = {}) =>
  addTool(app, { slug, needsCredential: false, upstreamUrl: 'http://127.0.0.1:9', ...changes });

/** Calls `slug` with a key for it. Returns the status and request id. */
async function call(origin: string, slug: string, toolId: string, headers: Record<string, string> = {}) {
  const { rawKey } = await addKey(app, toolId);
  const response = await fetch(`${origin}/gateway/${slug}/x`, {
    headers: { 'x-api-key': rawKey, ...headers },
  });
  const body = await response.json();
  return { status: response.status, id: response.headers.get('x-request-id') ?? body.request_id };
}

const linesOf = (id: unknown) => log.filter(({ requestId }) => requestId === id);

describe('an error of this server or an upstream', () => {
  beforeEach(() => start());

  test('has the request id with which the log says why, at the default log level', async () => {
    const silent = await serveUpstream(() => undefined);
    const sealed = await make('sealed', { needsCredential: true });
    await addCredential(app, sealed.id);
    await app.db.write(async (tx) => {
      await tx.update(toolCredentials).set({ masterKeyId: 'mk_lost' });
    });
    const faulty = [
      { tool: await make('down'), status: 502, reason: 'upstream-unreachable', code: 'ECONNREFUSED' },
      {
        tool: await make('silent', { upstreamUrl: silent, headersTimeoutMs: 50 }),
        status: 504,
        reason: 'upstream-timeout',
      },
      { tool: await make('bare', { needsCredential: true }), status: 503, reason: 'credential-missing' },
      { tool: sealed, status: 503, reason: 'credential-undecryptable' },
      {
        tool: await make('barred', { upstreamUrl: 'http://8.8.8.8' }),
        status: 503,
        reason: 'upstream-not-allowed',
      },
    ];
    const { origin } = await serveGateway(app);
    for (const { tool, status, reason, code } of faulty) {
      const refused = await call(origin, tool.slug, tool.id);
      expect([tool.slug, refused.status]).toEqual([tool.slug, status]);
      expect(refused.id).toMatch(/^call_/);
      expect(linesOf(refused.id)).toMatchObject([
        {
          level: 40,
          msg: 'gateway request refused',
          reason,
          tool: tool.slug,
          endpoint: 'proxy',
          ...(code && { code }),
        },
      ]);
    }
  });

  test('has the request id in the response to an upgrade', async () => {
    const tool = await make('down');
    const { origin } = await serveGateway(app);
    const { rawKey } = await addKey(app, tool.id);
    const answer = await exchange(
      origin,
      `GET /gateway/down/x HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nx-api-key: ${rawKey}\r\n\r\n`,
      '}\n',
    );
    expect(answer).toMatch(/^HTTP\/1\.1 502 /);
    const id = /^x-request-id: (.+)\r$/m.exec(answer)?.[1];
    expect(linesOf(id)).toMatchObject([
      { reason: 'upstream-unreachable', tool: 'down', code: 'ECONNREFUSED' },
    ]);
  });

  test('is logged without the slug of a tool that doesn’t exist', async () => {
    const { origin, gateway } = await serveGateway(app);
    gateway.drain();
    const response = await fetch(`${origin}/gateway/made-up-name/x`);
    expect(response.status).toBe(503);
    expect(linesOf(response.headers.get('x-request-id'))).toMatchObject([
      { reason: 'shutting-down', tool: null },
    ]);
    expect(JSON.stringify(log)).not.toContain('made-up-name');
  });
});

describe('any other error', () => {
  test('is not logged at the default level, so callers can’t fill the log', async () => {
    await start();
    const tool = await make('down');
    const { origin } = await serveGateway(app);
    const before = log.length;
    expect((await fetch(`${origin}/gateway/down/x`)).status).toBe(401);
    expect((await fetch(`${origin}/verify/down`, { headers: { 'x-api-key': 'wrong' } })).status).toBe(401);
    expect((await fetch(`${origin}/gateway/`)).status).toBe(404);
    const { rawKey } = await addKey(app, tool.id);
    const invalidPath = await fetch(`${origin}/gateway/down/a%2f..%2fb`, {
      headers: { 'x-api-key': rawKey },
    });
    expect(invalidPath.status).toBe(400);
    expect(log.slice(before)).toEqual([]);
  });

  test('and its response are logged with one request id at level debug', async () => {
    await start({ LOG_LEVEL: 'debug' });
    await make('down');
    const { origin } = await serveGateway(app);
    const response = await fetch(`${origin}/gateway/down/x`);
    const id = response.headers.get('x-request-id');
    await expect
      .poll(() => linesOf(id).map(({ msg }) => msg))
      .toEqual(['gateway request refused', 'gateway request']);
  });
});

describe('the request id of a trusted proxy', () => {
  const headers = { 'x-request-id': 'proxy-4711-abcdef' };

  test('is used in errors and in the log', async () => {
    await start({ TRUSTED_PROXIES: '127.0.0.1' });
    const { origin } = await serveGateway(app);
    const tool = await make('down');
    expect(await call(origin, 'down', tool.id, headers)).toEqual({ status: 502, id: 'proxy-4711-abcdef' });
    expect(linesOf('proxy-4711-abcdef')).toMatchObject([{ level: 40, reason: 'upstream-unreachable' }]);
    const lost = await fetch(`${origin}/gateway/`, { headers });
    expect(lost.headers.get('x-request-id')).toBe('proxy-4711-abcdef');
  });

  test.each([
    ['is used on the audit trail, with the client address', '127.0.0.1', 'proxy-4711-abcdef', '203.0.113.9'],
    ['is not taken from anyone else', '10.0.0.1', expect.stringMatching(/^call_/), '127.0.0.1'],
  ])('%s', async (_, trusted, requestId, address) => {
    await start({ TRUSTED_PROXIES: trusted });
    await make('down');
    const { origin, gateway } = await serveGateway(app);
    const response = await fetch(`${origin}/verify/down`, {
      headers: { ...headers, 'x-forwarded-for': '203.0.113.9', 'x-api-key': 'sk-foreign' },
    });
    expect(response.headers.get('x-request-id')).toEqual(requestId);
    await gateway.close();
    expect(await auditEntriesOf(app, 'gateway.refused')).toMatchObject([{ requestId, address }]);
  });

  test('is used in the log when a response breaks off', async () => {
    await start({ TRUSTED_PROXIES: '127.0.0.1' });
    const upstreamUrl = await serveBytes((socket) =>
      socket.once('data', () =>
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf', () => socket.resetAndDestroy()),
      ),
    );
    const tool = await make('breaks', { upstreamUrl });
    const { origin } = await serveGateway(app);
    const { rawKey } = await addKey(app, tool.id);
    const answer = fetch(`${origin}/gateway/breaks/x`, { headers: { ...headers, 'x-api-key': rawKey } });
    await expect(answer.then((response) => response.text())).rejects.toThrow();
    await expect
      .poll(() => linesOf('proxy-4711-abcdef').map(({ level, msg, tool }) => [level, msg, tool]))
      .toEqual([[40, 'upstream broke off a response', 'breaks']]);
  });
});
