import { eq } from 'drizzle-orm';
import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { beforeEach, describe, expect, it } from 'vitest';
import { KeyEndNote } from '~/ui/keys/key-end-note';
import { requests } from '~db/schema';
import { callConcurrently, reasonOf } from '../helpers/app';
import { keyTrail } from '../helpers/audit';
import { activeKey, approvedKey, keyRow, pendingKey, type Team, team } from '../helpers/team';

let org: Team;

beforeEach(async () => {
  org = await team();
});

describe('keys.revoke', () => {
  it('lets the holder revoke a key for good, and keeps its hash for the gateway’s error', async () => {
    const { keyId } = await activeKey(org);
    const { hash } = await keyRow(org.app, keyId);
    const key = await org.asMember.keys.revoke({ keyId });
    expect((await keyRow(org.app, keyId)).hash).toBe(hash);
    expect(key).toMatchObject({ status: 'REVOKED', ended: { at: expect.any(Number) } });
    expect(await reasonOf(org.asMember.keys.revoke({ keyId }))).toBe('not-active');
  });

  it('requires a reason from an admin, which the holder sees and the audit trail records', async () => {
    const { keyId } = await activeKey(org);
    await expect(org.asAdmin.keys.revoke({ keyId })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    expect(await reasonOf(org.asAdmin.keys.revoke({ keyId }))).toBe('reason-required');
    expect(await reasonOf(org.asAdmin.keys.revoke({ keyId, reason: '  ' }))).toBe('invalid-input');
    expect((await keyRow(org.app, keyId)).status).toBe('ACTIVE');

    await org.asAdmin.keys.revoke({ keyId, reason: 'found in a paste' });
    const [shown] = await org.asMember.keys.mine();
    expect(shown).toMatchObject({ status: 'REVOKED', ended: { reason: 'found in a paste' } });
    expect((await keyTrail(org.app, keyId)).at(-1)).toMatchObject({
      action: 'key.revoked',
      actorEmail: org.admin.email,
      details: { environment: 'development', purpose: 'trying it out', reason: 'found in a paste' },
    });
  });

  it('revokes an approved key that was never revealed', async () => {
    const keyId = await approvedKey(org);
    expect(await org.asMember.keys.revoke({ keyId })).toMatchObject({ status: 'REVOKED', revealed: false });
  });

  it('responds to another member as if the key didn’t exist', async () => {
    const { keyId } = await activeKey(org);
    await expect(org.asOther.keys.revoke({ keyId })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const { reasons } = await callConcurrently(20, () =>
      org.asOther.keys.revoke({ keyId, reason: 'mine now' }),
    );
    expect(reasons).toEqual(Array(20).fill('key-not-found'));
    expect((await keyRow(org.app, keyId)).status).toBe('ACTIVE');
  });

  it('refuses pending and rejected keys', async () => {
    const keyId = await pendingKey(org);
    expect(await reasonOf(org.asMember.keys.revoke({ keyId }))).toBe('not-active');
    await org.asAdmin.requests.reject({ keyId, reason: 'not yet' });
    expect(await reasonOf(org.asMember.keys.revoke({ keyId }))).toBe('not-active');
  });

  it('succeeds once for 20 concurrent calls', async () => {
    const { keyId } = await activeKey(org);
    const { values, reasons } = await callConcurrently(20, () => org.asMember.keys.revoke({ keyId }));
    expect([values.length, reasons]).toEqual([1, Array(19).fill('not-active')]);
    expect((await keyTrail(org.app, keyId)).filter(({ action }) => action === 'key.revoked')).toHaveLength(1);
  });

  it('announces the change before it returns', async () => {
    const { keyId } = await activeKey(org);
    const order: string[] = [];
    org.app.events.on('key-changed', (event) => order.push(`${event.keyId} ${event.status}`));
    await org.asMember.keys.revoke({ keyId }).then(() => order.push('returned'));
    expect(order).toEqual([`${keyId} REVOKED`, 'returned']);
  });
});

describe('keys.withdraw', () => {
  it('withdraws the holder’s pending request and closes it', async () => {
    const keyId = await pendingKey(org);
    expect(await org.asMember.keys.withdraw({ keyId })).toMatchObject({
      status: 'REVOKED',
      revealed: false,
    });
    const { requestId } = await keyRow(org.app, keyId);
    const [request] = await org.app.db.read.select().from(requests).where(eq(requests.id, requestId));
    expect(request).toMatchObject({ decision: 'withdrawn', decidedBy: org.member.id });
    expect((await keyTrail(org.app, keyId)).map(({ action }) => action)).toEqual([
      'key.requested',
      'key.withdrawn',
    ]);
  });

  it('refuses an active key', async () => {
    const { keyId } = await activeKey(org);
    await expect(org.asMember.keys.withdraw({ keyId })).rejects.toMatchObject({ code: 'CONFLICT' });
    const { reasons } = await callConcurrently(20, () => org.asMember.keys.withdraw({ keyId }));
    expect(reasons).toEqual(Array(20).fill('not-pending'));
  });

  it('refuses everyone but the holder', async () => {
    const keyId = await pendingKey(org);
    for (const caller of [org.asOther, org.asAdmin]) {
      expect(await reasonOf(caller.keys.withdraw({ keyId }))).toBe('key-not-found');
    }
  });

  it('lets either the withdrawal or a concurrent approval succeed', async () => {
    const keyId = await pendingKey(org);
    const settled = await Promise.allSettled([
      org.asMember.keys.withdraw({ keyId }),
      org.asAdmin.requests.approve({ keyId }),
    ]);
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('succeeds once for 20 concurrent calls', async () => {
    const keyId = await pendingKey(org);
    const { values, reasons } = await callConcurrently(20, () => org.asMember.keys.withdraw({ keyId }));
    expect([values.length, reasons]).toEqual([1, Array(19).fill('not-pending')]);
  });
});

describe('a key that ended', () => {
  it('says as what, when, by whom and why; a live one says nothing', async () => {
    const at = org.app.now();
    org.app.now = () => at;
    const withdrawn = await pendingKey(org);
    await org.asMember.keys.withdraw({ keyId: withdrawn });
    const rejected = await pendingKey(org);
    await org.asAdmin.requests.reject({ keyId: rejected, reason: 'use staging first' });
    const approved = await approvedKey(org);
    const { keyId: revoked } = await activeKey(org);
    await org.asAdmin.keys.revoke({ keyId: revoked, reason: 'found in a paste' });

    const expected = {
      [withdrawn]: { as: 'withdrawn', at, by: { name: 'Mara Member', isHolder: true }, reason: null },
      [rejected]: {
        as: 'rejected',
        at,
        by: { name: 'Ada Admin', isHolder: false },
        reason: 'use staging first',
      },
      [approved]: null,
      [revoked]: {
        as: 'revoked',
        at,
        by: { name: 'Ada Admin', isHolder: false },
        reason: 'found in a paste',
      },
    };
    const own = await org.asMember.keys.mine();
    expect(Object.fromEntries(own.map(({ id, ended }) => [id, ended]))).toEqual(expected);
    const { keys: register } = await org.asAdmin.keys.register();
    expect(Object.fromEntries(register.map(({ id, ended }) => [id, ended]))).toEqual(expected);
  });

  it('because its holder was disabled names the admin who did that, for requests taken back as well', async () => {
    await pendingKey(org);
    await activeKey(org);
    await org.asAdmin.users.disable({ userId: org.member.id, reason: 'left the team' });
    const { keys: register } = await org.asAdmin.keys.register();
    const by = { name: 'Ada Admin', isHolder: false };
    expect(register.map(({ ended }) => ended)).toMatchObject([
      { as: 'revoked', by, reason: 'left the team' },
      { as: 'withdrawn', by, reason: 'left the team' },
    ]);
  });

  it.each([
    [{ as: 'withdrawn', by: { name: 'Mara', isHolder: true }, reason: null }, 'Withdrawn by you 2 hours ago'],
    [
      { as: 'revoked', by: { name: 'Ada', isHolder: false }, reason: 'a leak' },
      'Revoked by Ada 2 hours ago: a leak',
    ],
    [{ as: 'revoked', by: null, reason: 'restored' }, 'Revoked 2 hours ago: restored'],
  ] as const)('is described on its row: %o', (ended, note) => {
    const now = 1_800_000_000_000;
    const row = createElement(KeyEndNote, { ended: { ...ended, at: now - 7_200_000 }, now, holder: 'you' });
    expect(renderToStaticMarkup(row).replace(/<[^>]+>/g, '')).toBe(note);
  });
});
