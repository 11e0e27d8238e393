import { request as httpRequest, type IncomingMessage } from 'node:http';
import { eq } from 'drizzle-orm';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { mintRawKey } from '~/crypto/key-format.server';
import { keys, serviceAccounts } from '~db/schema';
import { auditEntriesOf } from '../helpers/audit';
import { addTool } from '../helpers/factories';
import { serviceAccount, serviceKey, type Team, team } from '../helpers/team';
import { serveGateway, serveUpstream, signal } from './harness';

let story: Team;
let origin: string;
let gateway: Awaited<ReturnType<typeof serveGateway>>['gateway'];
let account: string;
let held: { keyId: string; rawKey: string };
/** Fires when the upstream has a request. `gone` resolves when its client disconnects. */
let received: ReturnType<typeof signal<{ disconnected: Promise<void> }>>;
/** Whether the upstream leaves its responses open. */
let streams: boolean;

beforeEach(async () => {
  story = await team();
  received = signal();
  streams = false;
  const upstreamUrl = await serveUpstream((_, response) => {
    const disconnected = signal();
    response.once('close', () => disconnected.fire());
    if (streams) response.write('data: 1\n\n');
    else response.end('served');
    received.fire({ disconnected: disconnected.promise });
  });
  await addTool(story.app, { slug: 'acme', displayName: 'Acme', needsCredential: false, upstreamUrl });
  account = await serviceAccount(story);
  held = await serviceKey(story, account, 'acme');
  ({ origin, gateway } = await serveGateway(story.app));
});

const ENDPOINTS = ['gateway', 'verify'] as const;
const bearer = (rawKey: string) => ({ authorization: `Bearer ${rawKey}` });
const ask = (endpoint: string, rawKey = held.rawKey, slug = 'acme') =>
  fetch(`${origin}/${endpoint}/${slug}/x`, { headers: bearer(rawKey) });

/** Starts a call and waits for the first event of its response. */
async function openStream(rawKey = held.rawKey) {
  streams = true;
  received = signal();
  const request = httpRequest(`${origin}/gateway/acme/x`, { agent: false, headers: bearer(rawKey) });
  request.on('error', () => undefined); // the connection may break after the response, too
  const answer = new Promise<IncomingMessage>((resolve) => request.once('response', resolve));
  request.end();
  const [{ disconnected }, response] = [await received.promise, await answer];
  const broken = signal<boolean>();
  response.on('error', () => broken.fire(true)).on('end', () => broken.fire(false));
  await new Promise((resolve) => response.once('data', resolve));
  return { broken: broken.promise, disconnected };
}

describe('a service account’s key', () => {
  test('works at both endpoints with one database read', async () => {
    await ask('verify', 'none'); // caches the tool
    const reads = vi.spyOn(Object.getPrototypeOf(story.app.db.connections.read.prepare('select 1')), 'get');
    const served = await ask('gateway');
    expect([served.status, await served.text()]).toEqual([200, 'served']);
    expect(reads).toHaveBeenCalledTimes(1);
    expect((await ask('verify')).status).toBe(200);
    expect(reads).toHaveBeenCalledTimes(2);
  });

  test('is identified by the verify endpoint with the account’s current name and id', async () => {
    const headersOf = async () => Object.fromEntries((await ask('verify')).headers);
    expect(await headersOf()).toMatchObject({
      'x-key-id': held.keyId,
      'x-key-holder': 'ci/deploy',
      'x-key-holder-id': account,
      'x-key-tool': 'acme',
      'x-key-environment': 'production',
    });
    await story.asAdmin.serviceAccounts.update({ serviceAccountId: account, name: 'ci/release 2' });
    expect(await headersOf()).toMatchObject({ 'x-key-holder': 'ci/release 2', 'x-key-holder-id': account });
  });

  test('still works when the admin who issued it is disabled', async () => {
    await story.asSecondAdmin.users.disable({ userId: story.admin.id });
    for (const endpoint of ENDPOINTS) expect((await ask(endpoint)).status).toBe(200);
  });

  test('works alongside a second one of the same tool and environment', async () => {
    const second = await serviceKey(story, account, 'acme');
    for (const { rawKey } of [held, second]) expect((await ask('verify', rawKey)).status).toBe(200);
    await story.asAdmin.keys.revoke({ keyId: held.keyId, reason: 'rolled out' });
    expect((await ask('verify')).status).toBe(401);
    expect((await ask('verify', second.rawKey)).status).toBe(200);
  });

  test('has its last use recorded', async () => {
    await ask('gateway');
    await gateway.close();
    const [row] = await story.app.db.read
      .select({ at: keys.lastUsedAt })
      .from(keys)
      .where(eq(keys.id, held.keyId));
    expect(row?.at).toEqual(expect.any(Number));
    const [view] = await story.asAdmin.serviceAccounts.list();
    expect(view?.lastUsedAt).toBe(row?.at);
  });

  test('is rejected if it was never issued or is a user’s key with another prefix', async () => {
    expect((await ask('verify', mintRawKey('production', 'ais').rawKey)).status).toBe(401);
    const { rawKey } = mintRawKey('production');
    const answer = await ask('verify', rawKey.replace('aik_', 'ais_'));
    expect(await answer.text()).toContain("isn't a My AI Keys key");
  });

  test('is rejected together with a user’s key', async () => {
    const { rawKey } = mintRawKey('production');
    for (const [first, second] of [
      [rawKey, held.rawKey],
      [held.rawKey, rawKey],
    ] as const) {
      const headers = { ...bearer(first), 'x-api-key': second };
      const answer = await fetch(`${origin}/verify/acme`, { headers });
      expect([answer.status, await answer.text()]).toEqual([
        401,
        expect.stringContaining('two different keys'),
      ]);
    }
  });
});

const ENDINGS: [name: string, end: () => Promise<unknown>, status: number, message: RegExp][] = [
  [
    'an admin revokes the key',
    () => story.asAdmin.keys.revoke({ keyId: held.keyId, reason: 'it leaked' }),
    401,
    /was revoked on .+ An admin can issue a new key at .+\/admin\/ai\/service-accounts\./,
  ],
  [
    'its account is disabled',
    () => story.asAdmin.serviceAccounts.disable({ serviceAccountId: account }),
    401,
    /was revoked on .+ An admin can issue a new key at .+\/admin\/ai\/service-accounts\./,
  ],
  ['its tool is archived', () => story.asAdmin.tools.archive({ tool: 'acme' }), 403, /Acme is archived/],
];

describe.each(ENDINGS)('when %s', (_, end, status, message) => {
  test('the next call is rejected at both endpoints and recorded once', async () => {
    await end();
    for (const endpoint of ENDPOINTS) {
      const answer = await ask(endpoint);
      expect([answer.status, await answer.text()]).toEqual([status, expect.stringMatching(message)]);
    }
    await gateway.close();
    expect(await auditEntriesOf(story.app, 'gateway.refused')).toMatchObject([
      {
        subject: `key:${held.keyId}`,
        keyId: held.keyId,
        details: { tool: 'acme', environment: 'production', holder: 'ci/deploy' },
      },
    ]);
  });

  test('its streams break off at client and upstream', async () => {
    const open = [await openStream(), await openStream()];
    await end();
    for (const { broken, disconnected } of open) {
      expect(await broken).toBe(true);
      await disconnected;
    }
  });
});

test('streams of another service account continue when one is disabled', async () => {
  const other = await serviceAccount(story, 'other');
  const theirs = await openStream((await serviceKey(story, other, 'acme')).rawKey);
  const mine = await openStream();
  let ended = false;
  void theirs.disconnected.then(() => {
    ended = true;
  });
  await story.asAdmin.serviceAccounts.disable({ serviceAccountId: account });
  await mine.disconnected;
  expect(ended).toBe(false);
});

test('disabling a service account aborts calls of keys that were not revoked', async () => {
  const open = await openStream();
  await story.app.db.write(async (tx) => {
    await tx.update(serviceAccounts).set({ disabledAt: 1 }).where(eq(serviceAccounts.id, account));
  });
  const answer = await ask('verify');
  expect([answer.status, await answer.text()]).toEqual([401, expect.stringContaining('is disabled')]);
  story.app.events.emit('service-account-changed', { serviceAccountId: account });
  expect(await open.broken).toBe(true);
});
