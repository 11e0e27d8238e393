import { eq } from 'drizzle-orm';
import { beforeEach, describe, expect, it } from 'vitest';
import { newId } from '~/core/ids.server';
import { hashRawKey, mintRawKey, RAW_KEY_PATTERN } from '~/crypto/key-format.server';
import { keys, requests, serviceAccounts } from '~db/schema';
import { type Environment, environments } from '~db/schema/enums';
import { reasonOf } from '../helpers/app';
import { keyTrail } from '../helpers/audit';
import { keyRow, serviceAccount, serviceKey, type Team, team } from '../helpers/team';

let org: Team;
let serviceAccountId: string;

beforeEach(async () => {
  org = await team();
  serviceAccountId = await serviceAccount(org);
});

const issue = (changes: Partial<{ tool: string; environment: Environment; purpose: string }> = {}) =>
  org.asAdmin.serviceAccounts.issueKey({
    serviceAccountId,
    tool: 'open',
    environment: 'production',
    purpose: 'nightly deploy',
    ...changes,
  });

describe('serviceAccounts.issueKey', () => {
  it.each(environments)('returns an ais_ key for %s once and never again', async (environment) => {
    const { key, rawKey } = await issue({ environment });
    const short = { development: 'dev', staging: 'stg', production: 'prod' }[environment];
    expect(rawKey).toMatch(RAW_KEY_PATTERN);
    expect(rawKey.startsWith(`ais_${short}_`)).toBe(true);
    expect(key).toEqual({
      id: key.id,
      tool: { slug: 'open', displayName: 'Open' },
      environment,
      purpose: 'nightly deploy',
      status: 'ACTIVE',
      prefix: rawKey.slice(0, `ais_${short}_`.length + 6),
      revealed: true,
      createdAt: expect.any(Number),
      lastUsedAt: null,
      ended: null,
    });
    expect(await keyRow(org.app, key.id)).toMatchObject({
      holderId: null,
      serviceAccountId,
      hash: hashRawKey(rawKey),
    });
    const { get, list } = org.asAdmin.serviceAccounts;
    const later = await Promise.all([
      get({ serviceAccountId }),
      list(),
      org.asAdmin.keys.register(),
      org.asAdmin.audit.list(),
    ]);
    expect(JSON.stringify(later)).not.toContain(rawKey.slice(-38));
  });

  it('issues a production key without approval, because an admin asks', async () => {
    const { key } = await issue({ tool: 'guarded' });
    expect(key.status).toBe('ACTIVE');
    expect(await org.asAdmin.requests.pending()).toEqual([]);
  });

  it('creates a request by the admin and an audit entry that names the account', async () => {
    const { key } = await issue();
    const { requestId } = await keyRow(org.app, key.id);
    expect(await org.app.db.read.select().from(requests).where(eq(requests.id, requestId))).toMatchObject([
      { requesterId: org.admin.id, purpose: 'nightly deploy', decision: 'auto-issued', decidedBy: null },
    ]);
    expect(await keyTrail(org.app, key.id)).toEqual([
      {
        action: 'key.issued',
        actorEmail: org.admin.email,
        details: {
          tool: 'open',
          environment: 'production',
          purpose: 'nightly deploy',
          prefix: key.prefix,
          holder: serviceAccountId,
        },
      },
    ]);
    const { names } = await org.asAdmin.audit.list({ key: key.id });
    expect(names[serviceAccountId]).toBe('ci/deploy');
  });

  it('allows several live keys per tool and environment, for rotation', async () => {
    const [first, second] = await Promise.all([issue(), issue()]);
    expect(first.rawKey).not.toBe(second.rawKey);
    for (const { key } of [first, second]) expect((await keyRow(org.app, key.id)).status).toBe('ACTIVE');
    await org.asSecondAdmin.keys.revoke({ keyId: first.key.id, reason: 'rolled out' });
    expect((await keyRow(org.app, second.key.id)).status).toBe('ACTIVE');
  });

  it('doesn’t count towards a person’s one live key per tool and environment', async () => {
    await issue({ environment: 'development' });
    const request = () =>
      org.asAdmin.keys.request({ tool: 'open', environment: 'development', purpose: 'my own work' });
    expect((await request()).outcome).toBe('issued');
    expect(await reasonOf(request())).toBe('live-key-exists');
  });

  it('refuses disabled and unknown accounts, and archived and unknown tools', async () => {
    const before = await org.asAdmin.audit.head();
    expect(await reasonOf(issue({ tool: 'nowhere' }))).toBe('tool-not-found');
    const unknown = { serviceAccountId: `sva_${'0'.repeat(20)}`, tool: 'open', purpose: 'a test' };
    expect(
      await reasonOf(org.asAdmin.serviceAccounts.issueKey({ ...unknown, environment: 'production' })),
    ).toBe('service-account-not-found');
    expect(await org.asAdmin.audit.head()).toEqual(before);
    await org.asAdmin.tools.archive({ tool: 'open' });
    expect(await reasonOf(issue())).toBe('tool-archived');
    await org.asAdmin.serviceAccounts.disable({ serviceAccountId });
    expect(await reasonOf(issue({ tool: 'guarded' }))).toBe('account-disabled');
    expect(await org.app.db.read.select().from(keys)).toEqual([]);
    expect(await org.app.db.read.select().from(requests)).toEqual([]);
  });

  it('refuses invalid purposes, environments and tools', async () => {
    for (const changes of [
      { purpose: '' },
      { purpose: 'a\nb c' },
      { environment: 'everywhere' as Environment },
      { tool: '' },
    ])
      expect(await reasonOf(issue(changes))).toBe('invalid-input');
  });
});

describe('service account key', () => {
  it('never appears among a person’s keys or in the request form', async () => {
    const available = await org.asAdmin.tools.available();
    const { keyId } = await serviceKey(org, serviceAccountId);
    expect(await org.asAdmin.keys.mine()).toEqual([]);
    expect(await reasonOf(org.asAdmin.keys.get({ keyId }))).toBe('key-not-found');
    expect(await org.asAdmin.tools.available()).toEqual(available);
    const { environments: offers } = await org.asAdmin.tools.forRequest({ tool: 'open' });
    expect(offers.every(({ live }) => live === null)).toBe(true);
  });

  it('counts as a live key of its tool and fixes the tool’s slug', async () => {
    await serviceKey(org, serviceAccountId);
    expect(await org.asAdmin.tools.get({ tool: 'open' })).toMatchObject({ liveKeys: 1, slugFixed: true });
  });

  it('can be revoked once by any admin, with a reason, but not revealed, withdrawn or decided on', async () => {
    const { keyId } = await serviceKey(org, serviceAccountId);
    const { keys: own, requests: queue } = org.asSecondAdmin;
    expect(await reasonOf(own.revoke({ keyId }))).toBe('reason-required');
    expect(await reasonOf(own.reveal({ keyId }))).toBe('not-holder');
    expect(await reasonOf(own.withdraw({ keyId }))).toBe('key-not-found');
    expect(await reasonOf(queue.approve({ keyId }))).toBe('already-decided');
    expect(await reasonOf(queue.reject({ keyId, reason: 'too late' }))).toBe('already-decided');
    expect((await keyTrail(org.app, keyId)).map(({ action }) => action)).toEqual(['key.issued']);
    expect(await own.revoke({ keyId, reason: 'it leaked' })).toMatchObject({
      status: 'REVOKED',
      ended: { as: 'revoked', by: { name: 'Bea Admin', isHolder: false }, reason: 'it leaked' },
    });
    expect(await reasonOf(own.revoke({ keyId, reason: 'it leaked' }))).toBe('not-active');
    expect((await keyTrail(org.app, keyId)).at(-1)).toMatchObject({
      action: 'key.revoked',
      details: { holder: serviceAccountId, reason: 'it leaked' },
    });
  });

  it('has exactly one holder and a secret, as the database checks', async () => {
    const { app, member, open } = org;
    const [account] = await app.db.read.select().from(serviceAccounts);
    const insert = (changes: Partial<typeof keys.$inferInsert>) =>
      app.db.write(async (tx) => {
        const requestId = newId('req');
        const { hash, prefix } = mintRawKey('production', 'ais');
        const request = { id: requestId, requesterId: member.id, purpose: 'a test', createdAt: 1 };
        await tx.insert(requests).values(request);
        const ids = { id: newId('key'), requestId, toolId: open.id };
        const state = { environment: 'production', status: 'ACTIVE', createdAt: 1, revealedAt: 1 } as const;
        await tx.insert(keys).values({ ...ids, ...state, hash, prefix, ...changes });
      });
    const own = { serviceAccountId: account?.id };
    const unrevealed = { hash: null, prefix: null, revealedAt: null };
    await insert(own);
    await expect(insert({})).rejects.toThrow(/keys_one_holder/);
    await expect(insert({ ...own, holderId: member.id })).rejects.toThrow(/keys_one_holder/);
    await expect(insert({ ...own, ...unrevealed })).rejects.toThrow(/keys_service_issued/);
    await expect(insert({ serviceAccountId: 'sva_nobody' })).rejects.toThrow(/FOREIGN KEY/);
  });
});

describe('list of all keys', () => {
  it('includes service account keys with the account as their holder', async () => {
    const { keyId } = await serviceKey(org, serviceAccountId);
    const { keys: listed } = await org.asAdmin.keys.register();
    expect(listed).toMatchObject([
      { id: keyId, holder: { id: serviceAccountId, name: 'ci/deploy', email: null, disabled: false } },
    ]);
    await org.asAdmin.serviceAccounts.disable({ serviceAccountId });
    expect(await org.asAdmin.keys.chosen({ keyIds: [keyId] })).toMatchObject([
      { holder: { disabled: true }, status: 'REVOKED' },
    ]);
  });

  it('finds service account keys by account name, prefix, tool and raw key', async () => {
    const { keyId, rawKey } = await serviceKey(org, serviceAccountId);
    await org.asMember.keys.request({ tool: 'open', environment: 'development', purpose: 'my own work' });
    const found = async (q: string) => (await org.asAdmin.keys.register({ q })).keys.map(({ id }) => id);
    expect(await found('CI/DEP')).toEqual([keyId]);
    expect(await found(rawKey.slice(0, 'ais_prod_'.length + 6))).toEqual([keyId]);
    expect(await found('ais_')).toEqual([keyId]);
    expect(await found('open')).toHaveLength(2);
    expect(await found('mara')).toHaveLength(1);
    expect(await org.asAdmin.keys.findByRawKey({ rawKey: `TOKEN=${rawKey}` })).toMatchObject({
      id: keyId,
      holder: { name: 'ci/deploy', email: null },
    });
  });

  it('finds service account keys with more matching holders than it probes', async () => {
    const { keyId } = await serviceKey(org, serviceAccountId);
    for (let index = 0; index < 25; index++) {
      const account = await serviceAccount(org, `ci/deploy-${index}`);
      if (index % 12 === 0) await serviceKey(org, account);
    }
    const { keys: found, count } = await org.asAdmin.keys.register({ q: 'ci/deploy' });
    expect([found.length, count]).toEqual([4, 4]);
    expect(found.map(({ id }) => id)).toContain(keyId);
  });
});
