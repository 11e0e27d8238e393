import { eq } from 'drizzle-orm';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { users } from '~db/schema';
import { callConcurrently, reasonOf } from '../helpers/app';
import { keyTrail } from '../helpers/audit';
import { activeKey, approvedKey, keyRow, pendingKey, type Team, team } from '../helpers/team';

const disable = ({ app }: Team, userId: string) =>
  app.db.write(
    async (tx) => void (await tx.update(users).set({ disabledAt: 1 }).where(eq(users.id, userId))),
  );

const GUARDED = { tool: 'guarded', environment: 'production', purpose: 'nightly deploy' } as const;

let org: Team;

beforeEach(async () => {
  org = await team();
});

describe('requests.approve', () => {
  it('makes the key active but unrevealed and records who approved it', async () => {
    const keyId = await pendingKey(org);
    expect(await org.asAdmin.requests.approve({ keyId })).toMatchObject({
      status: 'ACTIVE',
      revealed: false,
      prefix: null,
    });
    expect((await keyTrail(org.app, keyId)).at(-1)).toEqual({
      action: 'key.approved',
      actorEmail: org.admin.email,
      details: {
        tool: 'guarded',
        environment: 'production',
        purpose: 'nightly deploy',
        holder: org.member.id,
      },
    });
  });

  it('refuses a second approval and names who decided', async () => {
    const keyId = await approvedKey(org);
    await expect(org.asSecondAdmin.requests.approve({ keyId })).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringMatching(/already approved by Ada Admin on .* UTC/),
    });
  });

  it('refuses a rejection after the approval, and the key stays active', async () => {
    const keyId = await approvedKey(org);
    expect(await reasonOf(org.asSecondAdmin.requests.reject({ keyId, reason: 'changed my mind' }))).toBe(
      'already-decided',
    );
    expect((await keyRow(org.app, keyId)).status).toBe('ACTIVE');
  });

  it('succeeds once for 40 concurrent calls by two admins', async () => {
    const keyId = await pendingKey(org);
    const [first, second] = await Promise.all([
      callConcurrently(20, () => org.asAdmin.requests.approve({ keyId })),
      callConcurrently(20, () => org.asSecondAdmin.requests.reject({ keyId, reason: 'not yet' })),
    ]);
    expect(first.values.length + second.values.length).toBe(1);
    expect([...first.reasons, ...second.reasons]).toEqual(Array(39).fill('already-decided'));
    expect(await keyTrail(org.app, keyId)).toHaveLength(2);
  });

  it('refuses an admin’s own request while another admin is enabled, also concurrently', async () => {
    const { key } = await org.asAdmin.keys.request(GUARDED);
    await expect(org.asAdmin.requests.approve({ keyId: key.id })).rejects.toMatchObject({
      code: 'FORBIDDEN',
    });
    const approvals = await callConcurrently(20, () => org.asAdmin.requests.approve({ keyId: key.id }));
    const rejections = await callConcurrently(20, () =>
      org.asAdmin.requests.reject({ keyId: key.id, reason: 'mine' }),
    );
    expect([...approvals.reasons, ...rejections.reasons]).toEqual(Array(40).fill('own-request'));
    expect((await keyRow(org.app, key.id)).status).toBe('PENDING');
  });

  it('lets the only enabled admin approve their own request and records selfApproved', async () => {
    const { key } = await org.asAdmin.keys.request(GUARDED);
    await disable(org, org.secondAdmin.id);
    expect((await org.asAdmin.requests.pending())[0]?.mayDecide).toBe('as-only-admin');
    await org.asAdmin.requests.approve({ keyId: key.id });
    expect((await keyTrail(org.app, key.id)).at(-1)?.details).toMatchObject({ selfApproved: true });
  });

  it('refuses issued and withdrawn keys', async () => {
    const { keyId } = await activeKey(org);
    expect(await reasonOf(org.asAdmin.requests.approve({ keyId }))).toBe('already-decided');
    const withdrawn = await pendingKey(org);
    await org.asMember.keys.withdraw({ keyId: withdrawn });
    expect(await reasonOf(org.asAdmin.requests.approve({ keyId: withdrawn }))).toBe('already-decided');
  });

  it('refuses an unknown key', async () => {
    const { asAdmin } = org;
    expect(await reasonOf(asAdmin.requests.approve({ keyId: `key_${'0'.repeat(20)}` }))).toBe(
      'key-not-found',
    );
  });
});

describe('requests.reject', () => {
  it('rejects the request for good and shows the requester the reason', async () => {
    const keyId = await pendingKey(org);
    await org.asAdmin.requests.reject({ keyId, reason: 'use staging first' });
    expect(await org.asMember.keys.mine()).toMatchObject([
      {
        id: keyId,
        status: 'REJECTED',
        ended: { as: 'rejected', by: { name: org.admin.name }, reason: 'use staging first' },
        prefix: null,
      },
    ]);
    expect((await keyTrail(org.app, keyId)).at(-1)).toMatchObject({
      action: 'key.rejected',
      details: { reason: 'use staging first', purpose: 'nightly deploy', environment: 'production' },
    });
    expect(await reasonOf(org.asAdmin.requests.approve({ keyId }))).toBe('already-decided');
  });

  it.each(['', '   ', 'no', 'x'.repeat(501)])('refuses the reason %j and changes nothing', async (reason) => {
    const keyId = await pendingKey(org);
    await expect(org.asAdmin.requests.reject({ keyId, reason })).rejects.toMatchObject({
      code: 'BAD_REQUEST',
    });
    const { reasons } = await callConcurrently(20, () => org.asAdmin.requests.reject({ keyId, reason }));
    expect(reasons).toHaveLength(20);
    expect((await keyRow(org.app, keyId)).status).toBe('PENDING');
  });
});

describe('requests.pending', () => {
  it('lists the oldest request first, with the requester’s other live keys and past decisions', async () => {
    await activeKey(org);
    await org.asAdmin.requests.reject({ keyId: await pendingKey(org), reason: 'say more' });
    const keyId = await pendingKey(org);
    const { key: later } = await org.asOther.keys.request(GUARDED);

    const queue = await org.asAdmin.requests.pending();
    expect(queue.map(({ key }) => key.id)).toEqual([keyId, later.id]);
    expect(queue[0]).toMatchObject({
      requester: { name: 'Mara Member', email: org.member.email },
      mayDecide: 'yes',
      otherKeys: [{ tool: { slug: 'open' }, environment: 'development', status: 'ACTIVE' }],
      pastDecisions: [{ tool: { slug: 'guarded' }, decision: 'rejected', reason: 'say more' }],
    });
    expect(queue[1]).toMatchObject({ otherKeys: [], pastDecisions: [] });
    expect(await org.asAdmin.requests.countPending()).toBe(2);
  });

  it('returns the last five past decisions per person and reads no more rows', async () => {
    let now = 1_800_000_000_000;
    org.app.now = () => ++now;
    for (let n = 1; n <= 8; n++) {
      await org.asAdmin.requests.reject({ keyId: await pendingKey(org), reason: `not yet, ${n}` });
    }
    await pendingKey(org);
    const { read } = org.app.db.connections;
    const prepare = read.prepare.bind(read);
    let mostRows = 0;
    vi.spyOn(read, 'prepare').mockImplementation((text: string) => {
      const statement = prepare<unknown[], unknown>(text);
      const all = statement.all.bind(statement);
      statement.all = (...values) => {
        const rows = all(...values);
        mostRows = Math.max(mostRows, rows.length);
        return rows;
      };
      return statement;
    });
    const [waiting] = await org.asAdmin.requests.pending();
    expect(waiting?.pastDecisions.map(({ reason }) => reason)).toEqual(
      [8, 7, 6, 5, 4].map((n) => `not yet, ${n}`),
    );
    expect(mostRows).toBe(5);
  });
});
