import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createTRPCClient, httpBatchLink } from '@trpc/client';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { AppRouter } from '~/api/router.server';
import { createHandler } from '~/http/handler.server';
import { testApp } from '../helpers/app';
import { auditEntriesOf } from '../helpers/audit';
import { inviteAndJoin, setUpAdmin } from '../helpers/visitor';

/** The API behind its own front endpoint, and a client that puts what is asked at once into one request. */
async function served() {
  const app = await testApp();
  const admin = await setUpAdmin(app);
  const member = await inviteAndJoin(app, admin, 'mara@example.com');
  const pages = () => Promise.reject(new Error('no page is asked for'));
  const server = createServer(createHandler(app, { build: pages }));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/trpc`;
  const headers = { cookie: member.cookies() };
  const client = createTRPCClient<AppRouter>({ links: [httpBatchLink({ url, headers })] });
  return { app, url, headers, client };
}

const outcomes = async (calls: Promise<unknown>[]) =>
  (await Promise.allSettled(calls)).map((settled) =>
    settled.status === 'fulfilled' ? 'answered' : settled.reason.data?.reason,
  );

describe('a batch of calls', () => {
  it('is answered up to twenty calls', async () => {
    const { client } = await served();
    expect(await outcomes(Array.from({ length: 20 }, () => client.keys.mine.query()))).toEqual(
      Array(20).fill('answered'),
    );
  });

  it('of more is refused whole, with a status and a reason, and nothing of it is carried out', async () => {
    const { app, url, headers, client } = await served();
    const ask = (n: number) =>
      client.keys.request.mutate({ tool: 'echo', environment: 'development', purpose: `reports ${n}` });
    expect(await outcomes(Array.from({ length: 21 }, (_, n) => ask(n)))).toEqual(
      Array(21).fill('batch-too-large'),
    );
    expect(await auditEntriesOf(app, 'key.issued')).toEqual([]);

    const names = Array(300).fill('users.list');
    for (const comma of [',', '%2C']) {
      const answer = await fetch(`${url}/${names.join(comma)}?batch=1`, { headers });
      expect(answer.status).toBe(400);
      expect(await answer.json()).toMatchObject({
        error: { message: 'Send at most 20 calls per request.', data: { reason: 'batch-too-large' } },
      });
    }
    expect(await auditEntriesOf(app, 'access.denied')).toEqual([]);
  });
});
