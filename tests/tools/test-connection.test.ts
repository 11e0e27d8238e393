import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import { desc } from 'drizzle-orm';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { App } from '~/server/create-app.server';
import { describeConnectionFailure, describeUpstreamResponse } from '~/tools/connection-result-text';
import { auditEntries, toolCredentials, type tools as toolsTable } from '~db/schema';
import { callerAs, reasonOf, testApp } from '../helpers/app';
import { addTool, addUser } from '../helpers/factories';

const SECRET = 'sk-proj-0123456789abcdefghij';

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const upstream = (answer: RequestListener) => listening(createServer(answer));

/** A tool with this upstream and a credential, and the admin's tool procedures. */
async function connected(upstreamUrl: string, changes: Partial<typeof toolsTable.$inferInsert> = {}) {
  const app = await testApp();
  const { tools } = callerAs(app, (await addUser(app, 'admin')).id);
  await addTool(app, { slug: 'tested', upstreamUrl, ...changes });
  await tools.setCredential({ tool: 'tested', credential: SECRET });
  return { app, tools, test: () => tools.testConnection({ tool: 'tested' }) };
}

const json =
  (body: unknown): RequestListener =>
  (_, response) =>
    void response.setHeader('Content-Type', 'application/json').end(JSON.stringify(body));

const lastEntry = async (app: App) =>
  (await app.db.read.select().from(auditEntries).orderBy(desc(auditEntries.seq)).limit(1))[0];

describe('tools.testConnection', () => {
  it.each([
    ['openai', {}, '/v1/models', 'authorization', `Bearer ${SECRET}`],
    ['anthropic', { dialect: 'anthropic' }, '/v1/models', 'x-api-key', SECRET],
    ['gemini', { dialect: 'gemini' }, '/v1beta/models', 'x-goog-api-key', SECRET],
    ['generic', { dialect: 'generic', credentialHeader: 'X-Token' }, '/', 'x-token', SECRET],
  ] as const)(
    'requests the model list of the %s dialect with the credential in its header',
    async (...row) => {
      const [, changes, path, header, value] = row;
      const seen: IncomingMessage[] = [];
      const url = await upstream((request, response) => {
        seen.push(request);
        response.end(JSON.stringify({ data: [{ id: 'a' }, { id: 'b' }] }));
      });
      const { test } = await connected(url, changes);
      expect(await test()).toMatchObject({ ok: true, status: 200 });
      expect(seen).toHaveLength(1);
      expect(seen[0]).toMatchObject({ method: 'GET', url: path });
      expect(seen[0]?.headers[header]).toBe(value);
    },
  );

  it('counts the models in every provider’s list format', async () => {
    const shapes = [{ object: 'list', data: [1, 2, 3] }, { models: [1, 2, 3] }, [1, 2, 3]];
    const { test } = await connected(await upstream((...args) => json(shapes.shift())(...args)));
    for (let left = shapes.length; left > 0; left--) {
      expect((await test()).message).toBe('Connected: the credential works, 3 models available.');
    }
  });

  it('counts no models when the provider lists something else', async () => {
    let asked: string | undefined;
    const url = await upstream((request, response) => {
      asked = request.url;
      json({ requests: [1, 2, 3] })(request, response);
    });
    const { test } = await connected(url, { preset: 'perplexity' });
    expect(await test()).toMatchObject({
      ok: true,
      status: 200,
      message: 'Connected: the upstream responded.',
    });
    expect(asked).toBe('/async/chat/completions');
  });

  it('closes an endless response that it doesn’t need to read', async () => {
    const gone: string[] = [];
    const url = await upstream((request, response) => {
      response.once('close', () => gone.push(String(request.url)));
      response.write('<h1>Welcome</h1>');
    });
    const { test } = await connected(url, { dialect: 'generic', credentialHeader: 'X-Token' });
    expect(await test()).toMatchObject({ ok: true, status: 200 });
    await expect.poll(() => gone).toEqual(['/']);
  });

  it('appends its path to the upstream URL’s path', async () => {
    let asked: string | undefined;
    const url = await upstream((request, response) => {
      asked = request.url;
      json({ data: [] })(request, response);
    });
    const { test } = await connected(`${url}/proxy/v1`);
    await test();
    expect(asked).toBe('/proxy/v1/models');
  });

  it('records status and outcome without the credential or the body', async () => {
    const url = await upstream((_, response) => {
      response.writeHead(401).end(`wrong key: ${SECRET}`);
    });
    const { app, test } = await connected(url);
    const result = await test();
    expect(result).toMatchObject({ ok: false, status: 401, message: expect.stringContaining('rejected') });
    expect(JSON.stringify(result)).not.toContain(SECRET);
    expect(JSON.stringify(result)).not.toContain('wrong key');
    expect(await lastEntry(app)).toMatchObject({
      action: 'credential.tested',
      details: '{"ok":false,"status":401,"tool":"tested"}',
    });
  });

  it('follows no redirect', async () => {
    const url = await upstream((request, response) => {
      if (request.url === '/elsewhere') json({ data: [1] })(request, response);
      else response.writeHead(302, { Location: '/elsewhere' }).end();
    });
    const { test } = await connected(url);
    expect(await test()).toMatchObject({
      ok: false,
      status: 302,
      message: expect.stringContaining('redirect'),
    });
  });

  it('fails for a web page with status 200 and for an endless one', async () => {
    const page = await connected(await upstream((_, response) => void response.end('<h1>Welcome</h1>')));
    expect(await page.test()).toMatchObject({ ok: false, status: 200 });
    const endless = await connected(
      await upstream((_, response) => {
        const chunk = Buffer.alloc(256 * 1024, 'a');
        const more = () => {
          while (!response.destroyed && response.write(chunk));
        };
        response.on('drain', more);
        more();
      }),
    );
    expect(await endless.test()).toMatchObject({ ok: false, status: 200 });
  });

  it('explains a refused connection and a server that isn’t HTTP', async () => {
    const closed = createTcpServer();
    const url = await listening(closed);
    await new Promise((resolve) => closed.close(resolve));
    const refused = await connected(url);
    expect(await refused.test()).toMatchObject({
      ok: false,
      status: null,
      message: expect.stringContaining('refused the connection'),
    });
    const talks = await listening(
      createTcpServer((socket) => socket.once('data', () => socket.end('220 mail.example ESMTP\r\n'))),
    );
    const mail = await connected(talks);
    expect(await mail.test()).toMatchObject({
      ok: false,
      status: null,
      message: expect.stringContaining('isn’t HTTP'),
    });
    const hangsUp = await listening(createTcpServer((socket) => socket.destroy()));
    expect(await (await connected(hangsUp)).test()).toMatchObject({ ok: false, status: null });
  });

  it('tests archived tools and tools without a credential, but not Echo or unknown tools', async () => {
    const app = await testApp();
    const { tools } = callerAs(app, (await addUser(app, 'admin')).id);
    const upstreamUrl = await upstream(json({ data: [1] }));
    await addTool(app, { slug: 'local', upstreamUrl, needsCredential: false, archivedAt: 1 });
    expect(await tools.testConnection({ tool: 'local' })).toMatchObject({
      ok: true,
      ms: expect.any(Number),
      message: 'Connected: 1 model available.',
    });
    expect(await reasonOf(tools.testConnection({ tool: 'openai' }))).toBe('credential-missing');
    expect(await reasonOf(tools.testConnection({ tool: 'echo' }))).toBe('builtin-tool');
    expect(await reasonOf(tools.testConnection({ tool: 'nowhere' }))).toBe('tool-not-found');
  });

  it('explains a credential that can’t be decrypted and makes no call', async () => {
    let calls = 0;
    const { app, tools, test } = await connected(
      await upstream((_, response) => void response.end(String(++calls))),
    );
    const log = vi.spyOn(app.log, 'error').mockReturnValue();
    const sealed = await app.db.read.select().from(toolCredentials);
    const damaged = [{ masterKeyId: 'mk_lost' }, { sealed: Buffer.alloc(64) }, { sealed: Buffer.alloc(1) }];
    for (const damage of damaged) {
      await app.db.write(async (tx) => {
        await tx.update(toolCredentials).set({ ...sealed[0], ...damage });
      });
      expect(await reasonOf(test())).toBe('credential-undecryptable');
    }
    await expect(test()).rejects.toThrow(/master key/);
    expect(calls).toBe(0);
    expect(JSON.stringify(log.mock.calls)).not.toContain(SECRET);
    await tools.setCredential({ tool: 'tested', credential: SECRET });
    expect(await test()).toMatchObject({ status: 200 });
  });
});

describe('connection test messages', () => {
  it('report success only for a successful status with a list of models', () => {
    for (const status of [200, 201, 301, 400, 401, 403, 404, 405, 418, 429, 500, 503]) {
      const { ok, message } = describeUpstreamResponse({
        status,
        models: status < 300 ? 1 : null,
        hasCredential: true,
      });
      expect(ok).toBe(status < 300);
      expect(message).toMatch(/\.$/);
    }
    expect(describeUpstreamResponse({ status: 200, models: undefined, hasCredential: true }).ok).toBe(true);
  });

  it('explain every failure, known or unknown', () => {
    const codes = [
      'TIMEOUT',
      'UND_ERR_CONNECT_TIMEOUT',
      'ENOTFOUND',
      'CERT_HAS_EXPIRED',
      'UPSTREAM_NOT_ALLOWED',
    ];
    const messages = [...codes, 'UNHEARD_OF'].map((code) => describeConnectionFailure(code).message);
    expect(new Set(messages).size).toBe(messages.length - 1);
  });
});
