import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createTRPCClient, httpBatchLink } from '@trpc/client';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openApiDocument } from '~/api/openapi.server';
import type { AppRouter } from '~/api/router.server';
import { createHandler } from '~/http/handler.server';
import { testApp } from '../helpers/app';
import { auditEntriesOf } from '../helpers/audit';
import { inviteAndJoin, setUpAdmin } from '../helpers/visitor';

/** The API behind the request handler, without pages. */
async function startApi() {
  const app = await testApp();
  const admin = await setUpAdmin(app);
  const member = await inviteAndJoin(app, admin, 'mara@example.com');
  const build = () => Promise.reject(new Error('this server has no pages'));
  const server = createServer(createHandler(app, { build }));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`;
  return { app, url, headers: { cookie: member.cookies() } };
}

describe('GET /api/openapi.json', () => {
  it('returns the OpenAPI document of this server to members', async () => {
    const { app, url, headers } = await startApi();
    const response = await fetch(`${url}/openapi.json`, { headers });
    expect(response.status).toBe(200);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.json()).toEqual(JSON.parse(JSON.stringify(openApiDocument(app.config))));
  });

  it('returns a 401 error in the shape of the API when signed out', async () => {
    const { url } = await startApi();
    const response = await fetch(`${url}/openapi.json`);
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({
      error: { data: { code: 'UNAUTHORIZED', httpStatus: 401, reason: 'signed-out', fields: {} } },
    });
  });

  it('rejects other methods with 405', async () => {
    const { url, headers } = await startApi();
    expect((await fetch(`${url}/openapi.json`, { method: 'POST', headers })).status).toBe(405);
  });
});

describe('a batch of calls', () => {
  async function startBatchClient() {
    const api = await startApi();
    const { url, headers } = api;
    const client = createTRPCClient<AppRouter>({ links: [httpBatchLink({ url: `${url}/trpc`, headers })] });
    return { ...api, client };
  }

  const outcomesOf = async (calls: Promise<unknown>[]) =>
    (await Promise.allSettled(calls)).map((settled) =>
      settled.status === 'fulfilled' ? 'succeeded' : settled.reason.data?.reason,
    );

  it('may have 20 calls', async () => {
    const { client } = await startBatchClient();
    const outcomes = await outcomesOf(Array.from({ length: 20 }, () => client.keys.mine.query()));
    expect(outcomes).toEqual(Array(20).fill('succeeded'));
  });

  it('fails as a whole with more than 20 calls, and none of them runs', async () => {
    const { app, url, headers, client } = await startBatchClient();
    const request = (n: number) =>
      client.keys.request.mutate({ tool: 'echo', environment: 'development', purpose: `reports ${n}` });
    const outcomes = await outcomesOf(Array.from({ length: 21 }, (_, n) => request(n)));
    expect(outcomes).toEqual(Array(21).fill('batch-too-large'));
    expect(await auditEntriesOf(app, 'key.issued')).toEqual([]);

    const names = Array(300).fill('users.list');
    for (const comma of [',', '%2C']) {
      const response = await fetch(`${url}/trpc/${names.join(comma)}?batch=1`, { headers });
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({
        error: { message: 'Send at most 20 calls per request.', data: { reason: 'batch-too-large' } },
      });
    }
    expect(await auditEntriesOf(app, 'access.denied')).toEqual([]);
  });
});
