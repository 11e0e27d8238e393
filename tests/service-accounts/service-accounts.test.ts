import { eq } from 'drizzle-orm';
import { beforeEach, describe, expect, it } from 'vitest';
import { keys, serviceAccounts } from '~db/schema';
import { callConcurrently, reasonOf } from '../helpers/app';
import { auditEntriesOf, keyTrail } from '../helpers/audit';
import { keyRow, serviceAccount, serviceKey, type Team, team } from '../helpers/team';

let org: Team;

beforeEach(async () => {
  org = await team();
});

const PURPOSE = 'deployments, in the pipeline';
const create = (name: string, purpose = PURPOSE) => org.asAdmin.serviceAccounts.create({ name, purpose });

describe('serviceAccounts.create', () => {
  it('creates an account without keys and records who created it', async () => {
    const account = await create('  ci/deploy  ', ' deployments,\u00a0in the pipeline ');
    expect(account).toEqual({
      id: expect.stringMatching(/^sva_[0-9a-z]{20}$/),
      name: 'ci/deploy',
      purpose: 'deployments,\u00a0in the pipeline',
      createdAt: expect.any(Number),
      createdBy: 'Ada Admin',
      disabledAt: null,
      activeKeys: 0,
      lastUsedAt: null,
    });
    expect(await auditEntriesOf(org.app, 'service_account.created')).toMatchObject([
      {
        actorId: org.admin.id,
        subject: `service_account:${account.id}`,
        keyId: null,
        details: { name: 'ci/deploy', purpose: 'deployments,\u00a0in the pipeline' },
      },
    ]);
  });

  it.each([
    ['too short', 'a'],
    ['too long', 'a'.repeat(61)],
    ['empty', '   '],
    ['of two lines', 'ci\ndeploy'],
    ['that would inject a header', 'ci\r\nX-Key-Holder: root'],
    ['beyond ASCII', 'Übersetzer'],
    ['like a person’s email address', 'mara@example.com'],
    ['that is a list in a header', 'ci,deploy'],
    ['with two spaces in a row', 'ci  deploy'],
    ['ending in a separator', 'ci-'],
    ['with a raw key in it', `ais_prod_${'0'.repeat(38)}`],
  ])('refuses a name %s', async (_, name) => {
    expect(await reasonOf(create(name))).toBe('invalid-input');
    expect(await org.asAdmin.serviceAccounts.list()).toEqual([]);
  });

  it.each(['', 'a\nb c', `uses aik_prod_${'0'.repeat(38)}`])('refuses the purpose %j', async (purpose) => {
    expect(await reasonOf(create('ci/deploy', purpose))).toBe('invalid-input');
  });

  it('refuses a name in use, ignoring case, even of a disabled account', async () => {
    const account = await create('CI/Deploy');
    expect(await reasonOf(create('ci/deploy'))).toBe('service-account-name-taken');
    await org.asAdmin.serviceAccounts.disable({ serviceAccountId: account.id });
    expect(await reasonOf(create('ci/DEPLOY'))).toBe('service-account-name-taken');
  });

  it('creates one account for 8 concurrent calls with the same name', async () => {
    const { values, reasons } = await callConcurrently(8, () => create('ci/deploy'));
    expect(values).toHaveLength(1);
    expect(new Set(reasons)).toEqual(new Set(['service-account-name-taken']));
    expect(await auditEntriesOf(org.app, 'service_account.created')).toHaveLength(1);
  });

  it('has the name rules in the database, too', async () => {
    await create('ci/deploy');
    const insert = (name: string) =>
      org.app.db.write(async (tx) => {
        const row = { purpose: PURPOSE, createdBy: org.admin.id, createdAt: 1 };
        await tx.insert(serviceAccounts).values({ ...row, id: `sva_${name}`, name });
      });
    await expect(insert('CI/Deploy')).rejects.toThrow(/UNIQUE/);
    for (const name of ['a', 'a'.repeat(61), 'ci\ndeploy', 'mara@example.com', 'Übersetzer'])
      await expect(insert(name)).rejects.toThrow(/CHECK/);
  });
});

describe('serviceAccounts.list and get', () => {
  it('lists accounts by name with active keys and last use', async () => {
    const bot = await serviceAccount(org, 'zeta-bot');
    const pipeline = await serviceAccount(org, 'Alpha');
    const [first, second] = [await serviceKey(org, bot), await serviceKey(org, bot)];
    await org.app.db.write(async (tx) => {
      await tx.update(keys).set({ lastUsedAt: 5_000 }).where(eq(keys.id, first.keyId));
      await tx.update(keys).set({ lastUsedAt: 4_000 }).where(eq(keys.id, second.keyId));
    });
    await org.asAdmin.keys.revoke({ keyId: first.keyId, reason: 'rolled out' });
    expect(await org.asAdmin.serviceAccounts.list()).toMatchObject([
      { id: pipeline, activeKeys: 0, lastUsedAt: null },
      { id: bot, activeKeys: 1, lastUsedAt: 5_000 },
    ]);
  });

  it('filters by part of name or purpose, ignoring case, and by state', async () => {
    const deploy = await create('ci/deploy', 'ships the shop');
    const bot = await create('bot', 'Übersetzt Anfragen');
    await org.asAdmin.serviceAccounts.disable({ serviceAccountId: bot.id });
    const found = async (input: Parameters<typeof org.asAdmin.serviceAccounts.list>[0]) =>
      (await org.asAdmin.serviceAccounts.list(input)).map(({ id }) => id);
    expect(await found({ query: 'DEPLOY' })).toEqual([deploy.id]);
    expect(await found({ query: 'über' })).toEqual([bot.id]);
    expect(await found({ query: 'no such account' })).toEqual([]);
    expect(await found({ state: 'enabled' })).toEqual([deploy.id]);
    expect(await found({ state: 'disabled' })).toEqual([bot.id]);
    expect(await found({ state: 'disabled', query: 'deploy' })).toEqual([]);
  });

  it('returns one account with all its keys and no hash', async () => {
    const [one, other] = [await serviceAccount(org), await serviceAccount(org, 'other')];
    const first = await serviceKey(org, one);
    const second = await serviceKey(org, one, 'guarded');
    await serviceKey(org, other);
    await org.asAdmin.keys.revoke({ keyId: first.keyId, reason: 'rolled out' });
    const account = await org.asAdmin.serviceAccounts.get({ serviceAccountId: one });
    expect(account.keys.map(({ id, status }) => [id, status]).sort()).toEqual(
      [
        [first.keyId, 'REVOKED'],
        [second.keyId, 'ACTIVE'],
      ].sort(),
    );
    expect(account.keys.find(({ id }) => id === first.keyId)?.ended).toMatchObject({
      as: 'revoked',
      by: { name: 'Ada Admin', isHolder: false },
      reason: 'rolled out',
    });
    expect(JSON.stringify(account)).not.toContain((await keyRow(org.app, second.keyId)).hash);
  });

  it('report an unknown account, as update, disable and enable do', async () => {
    const serviceAccountId = `sva_${'0'.repeat(20)}`;
    const { get, update, disable, enable } = org.asAdmin.serviceAccounts;
    for (const call of [
      get({ serviceAccountId }),
      update({ serviceAccountId, name: 'ci/deploy' }),
      disable({ serviceAccountId }),
      enable({ serviceAccountId }),
    ])
      expect(await reasonOf(call)).toBe('service-account-not-found');
  });
});

describe('serviceAccounts.update', () => {
  it('changes the name, keeps the keys and records the previous name', async () => {
    const serviceAccountId = await serviceAccount(org);
    const { keyId } = await serviceKey(org, serviceAccountId);
    const changed = await org.asAdmin.serviceAccounts.update({ serviceAccountId, name: 'ci/release' });
    expect(changed).toMatchObject({ name: 'ci/release', purpose: PURPOSE, activeKeys: 1 });
    expect((await keyRow(org.app, keyId)).status).toBe('ACTIVE');
    expect(await auditEntriesOf(org.app, 'service_account.updated')).toMatchObject([
      { details: { name: 'ci/release', nameBefore: 'ci/deploy', purpose: PURPOSE } },
    ]);
  });

  it('allows another case of its own name, but not another account’s name', async () => {
    const [one, other] = [await serviceAccount(org), await serviceAccount(org, 'other')];
    const { update } = org.asAdmin.serviceAccounts;
    expect(await update({ serviceAccountId: one, name: 'CI/deploy' })).toMatchObject({ name: 'CI/deploy' });
    expect(await reasonOf(update({ serviceAccountId: other, name: 'ci/DEPLOY' }))).toBe(
      'service-account-name-taken',
    );
  });

  it('succeeds and records nothing without a difference', async () => {
    const serviceAccountId = await serviceAccount(org);
    const before = await org.asAdmin.audit.head();
    await org.asAdmin.serviceAccounts.update({ serviceAccountId, name: 'ci/deploy', purpose: PURPOSE });
    await org.asAdmin.serviceAccounts.update({ serviceAccountId });
    expect(await org.asAdmin.audit.head()).toEqual(before);
  });
});

describe('serviceAccounts.disable and enable', () => {
  it('disable revokes, records and announces all its active keys and no other', async () => {
    const [one, other] = [await serviceAccount(org), await serviceAccount(org, 'other')];
    const mine = [await serviceKey(org, one), await serviceKey(org, one)];
    const revoked = await serviceKey(org, one);
    await org.asAdmin.keys.revoke({ keyId: revoked.keyId, reason: 'an old one' });
    const theirs = await serviceKey(org, other);
    const announced: unknown[] = [];
    org.app.events.on('key-changed', (event) => announced.push(event));
    const disabled = await org.asSecondAdmin.serviceAccounts.disable({
      serviceAccountId: one,
      reason: 'shut down',
    });
    expect(disabled).toMatchObject({ disabledAt: expect.any(Number), activeKeys: 0 });
    for (const { keyId } of mine) {
      expect(await keyRow(org.app, keyId)).toMatchObject({
        status: 'REVOKED',
        revokedBy: org.secondAdmin.id,
        revocationReason: 'shut down',
      });
      expect((await keyTrail(org.app, keyId)).at(-1)).toMatchObject({
        action: 'key.revoked',
        details: { holder: one, reason: 'shut down' },
      });
    }
    expect((await keyRow(org.app, revoked.keyId)).revocationReason).toBe('an old one');
    expect((await keyRow(org.app, theirs.keyId)).status).toBe('ACTIVE');
    expect(announced).toHaveLength(2);
    expect(announced).toContainEqual({
      keyId: mine[0]?.keyId,
      holderId: one,
      toolId: org.open.id,
      status: 'REVOKED',
    });
    expect(await auditEntriesOf(org.app, 'service_account.disabled')).toMatchObject([
      { subject: `service_account:${one}`, details: { name: 'ci/deploy', reason: 'shut down' } },
    ]);
  });

  it('disable succeeds once for 6 concurrent calls', async () => {
    const serviceAccountId = await serviceAccount(org);
    const { keyId } = await serviceKey(org, serviceAccountId);
    const { values, reasons } = await callConcurrently(6, () =>
      org.asAdmin.serviceAccounts.disable({ serviceAccountId }),
    );
    expect([values.length, new Set(reasons)]).toEqual([1, new Set(['unchanged'])]);
    expect((await keyTrail(org.app, keyId)).map(({ action }) => action)).toEqual([
      'key.issued',
      'key.revoked',
    ]);
  });

  it('disable leaves no live key, also with keys issued concurrently', async () => {
    const serviceAccountId = await serviceAccount(org);
    const issue = () => serviceKey(org, serviceAccountId).catch(() => null);
    const before = [issue(), issue()];
    const disabled = org.asSecondAdmin.serviceAccounts.disable({ serviceAccountId });
    const after = [issue(), issue()];
    await Promise.all([...before, disabled, ...after]);
    const held = await org.app.db.read
      .select({ status: keys.status })
      .from(keys)
      .where(eq(keys.serviceAccountId, serviceAccountId));
    expect(held.filter(({ status }) => status !== 'REVOKED')).toEqual([]);
  });

  it('enable brings no key back and allows new ones', async () => {
    const serviceAccountId = await serviceAccount(org);
    const { keyId } = await serviceKey(org, serviceAccountId);
    const { disable, enable } = org.asAdmin.serviceAccounts;
    expect(await reasonOf(enable({ serviceAccountId }))).toBe('unchanged');
    await disable({ serviceAccountId });
    expect(await enable({ serviceAccountId })).toMatchObject({ disabledAt: null, activeKeys: 0 });
    expect((await keyRow(org.app, keyId)).status).toBe('REVOKED');
    await serviceKey(org, serviceAccountId);
    expect(await auditEntriesOf(org.app, 'service_account.enabled')).toHaveLength(1);
  });
});

describe('service account', () => {
  it('keeps its keys when the admin who created it is demoted and disabled', async () => {
    const serviceAccountId = await serviceAccount(org);
    const { keyId } = await serviceKey(org, serviceAccountId);
    await org.asSecondAdmin.users.setRole({ userId: org.admin.id, role: 'member' });
    await org.asSecondAdmin.users.disable({ userId: org.admin.id });
    expect((await keyRow(org.app, keyId)).status).toBe('ACTIVE');
    expect(await org.asSecondAdmin.serviceAccounts.get({ serviceAccountId })).toMatchObject({
      createdBy: 'Ada Admin',
      activeKeys: 1,
      keys: [{ id: keyId }],
    });
    expect(await org.asSecondAdmin.users.get({ userId: org.admin.id })).toMatchObject({ activeKeys: 0 });
  });

  it('keys are hidden from members, who can’t revoke one', async () => {
    const serviceAccountId = await serviceAccount(org);
    const { keyId } = await serviceKey(org, serviceAccountId);
    const { get, revoke, withdraw, reveal } = org.asMember.keys;
    const calls = [
      get({ keyId }),
      revoke({ keyId, reason: 'not mine' }),
      withdraw({ keyId }),
      reveal({ keyId }),
    ];
    for (const call of calls) expect(await reasonOf(call)).toBe('key-not-found');
    expect((await keyRow(org.app, keyId)).status).toBe('ACTIVE');
  });
});
