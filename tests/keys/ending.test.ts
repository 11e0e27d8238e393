import { eq } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { requests } from '~db/schema';
import { reasonOf } from '../helpers/app';
import { activeKey, approvedKey, atOnce, keyRow, pendingKey, team, trailOf } from '../helpers/stories';

describe('revoking a key', () => {
  it('is the holder’s at will, and final', async () => {
    const story = await team();
    const { keyId } = await activeKey(story);
    const key = await story.asMember.keys.revoke({ keyId });
    expect(key).toMatchObject({ status: 'REVOKED', revokedAt: expect.any(Number) });
    expect(await reasonOf(story.asMember.keys.revoke({ keyId }))).toBe('not-active');
  });

  it('keeps the hash, so that the wire can tell its bearer when it was revoked', async () => {
    const story = await team();
    const { keyId } = await activeKey(story);
    const before = await keyRow(story.app, keyId);
    await story.asMember.keys.revoke({ keyId });
    expect((await keyRow(story.app, keyId)).hash).toBe(before.hash);
  });

  it('by an admin needs a reason, which the holder reads and the trail keeps', async () => {
    const story = await team();
    const { keyId } = await activeKey(story);
    await expect(story.asAdmin.keys.revoke({ keyId })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    expect(await reasonOf(story.asAdmin.keys.revoke({ keyId }))).toBe('reason-required');
    expect(await reasonOf(story.asAdmin.keys.revoke({ keyId, reason: '  ' }))).toBe('bad-input');
    expect((await keyRow(story.app, keyId)).status).toBe('ACTIVE');

    await story.asAdmin.keys.revoke({ keyId, reason: 'found in a paste' });
    const [shown] = await story.asMember.keys.mine();
    expect(shown).toMatchObject({ status: 'REVOKED', revocationReason: 'found in a paste' });
    expect((await trailOf(story.app, keyId)).at(-1)).toMatchObject({
      action: 'key.revoked',
      actorEmail: story.admin.email,
      details: { environment: 'development', purpose: 'trying it out', reason: 'found in a paste' },
    });
  });

  it('ends an approved key that was never revealed, too', async () => {
    const story = await team();
    const keyId = await approvedKey(story);
    expect(await story.asMember.keys.revoke({ keyId })).toMatchObject({ status: 'REVOKED', revealed: false });
  });

  it('of another member’s key is refused, as if there were none', async () => {
    const story = await team();
    const { keyId } = await activeKey(story);
    await expect(story.asOther.keys.revoke({ keyId })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const { reasons } = await atOnce(20, () => story.asOther.keys.revoke({ keyId, reason: 'mine now' }));
    expect(reasons).toEqual(Array(20).fill('no-such-key'));
    expect((await keyRow(story.app, keyId)).status).toBe('ACTIVE');
  });

  it('is refused for a pending and for a rejected key', async () => {
    const story = await team();
    const keyId = await pendingKey(story);
    expect(await reasonOf(story.asMember.keys.revoke({ keyId }))).toBe('not-active');
    await story.asAdmin.requests.reject({ keyId, reason: 'not yet' });
    expect(await reasonOf(story.asMember.keys.revoke({ keyId }))).toBe('not-active');
  });

  it('fired twenty times at once happens once', async () => {
    const story = await team();
    const { keyId } = await activeKey(story);
    const { values, reasons } = await atOnce(20, () => story.asMember.keys.revoke({ keyId }));
    expect([values.length, reasons]).toEqual([1, Array(19).fill('not-active')]);
    expect((await trailOf(story.app, keyId)).filter(({ action }) => action === 'key.revoked')).toHaveLength(
      1,
    );
  });

  it('tells the wire before it answers', async () => {
    const story = await team();
    const { keyId } = await activeKey(story);
    const told: string[] = [];
    story.app.events.on('key-changed', (event) => told.push(`${event.keyId} ${event.status}`));
    await story.asMember.keys.revoke({ keyId }).then(() => told.push('answered'));
    expect(told).toEqual([`${keyId} REVOKED`, 'answered']);
  });
});

describe('withdrawing a request', () => {
  it('is the holder’s while it is pending, and counts as decided', async () => {
    const story = await team();
    const keyId = await pendingKey(story);
    expect(await story.asMember.keys.withdraw({ keyId })).toMatchObject({
      status: 'REVOKED',
      revealed: false,
    });
    const { requestId } = await keyRow(story.app, keyId);
    const [request] = await story.app.db.read.select().from(requests).where(eq(requests.id, requestId));
    expect(request).toMatchObject({ decision: 'withdrawn', decidedBy: story.member.id });
    expect((await trailOf(story.app, keyId)).map(({ action }) => action)).toEqual([
      'key.requested',
      'key.withdrawn',
    ]);
  });

  it('is refused for an active key, which is revoked instead', async () => {
    const story = await team();
    const { keyId } = await activeKey(story);
    await expect(story.asMember.keys.withdraw({ keyId })).rejects.toMatchObject({ code: 'CONFLICT' });
    const { reasons } = await atOnce(20, () => story.asMember.keys.withdraw({ keyId }));
    expect(reasons).toEqual(Array(20).fill('not-pending'));
  });

  it('is refused to everybody else, admins too', async () => {
    const story = await team();
    const keyId = await pendingKey(story);
    for (const caller of [story.asOther, story.asAdmin]) {
      expect(await reasonOf(caller.keys.withdraw({ keyId }))).toBe('no-such-key');
    }
    expect(await reasonOf(story.signedOut.keys.withdraw({ keyId }))).toBe('signed-out');
  });

  it('against an approval at the same time: one wins, whichever', async () => {
    const story = await team();
    const keyId = await pendingKey(story);
    const settled = await Promise.allSettled([
      story.asMember.keys.withdraw({ keyId }),
      story.asAdmin.requests.approve({ keyId }),
    ]);
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('fired twenty times at once happens once', async () => {
    const story = await team();
    const keyId = await pendingKey(story);
    const { values, reasons } = await atOnce(20, () => story.asMember.keys.withdraw({ keyId }));
    expect([values.length, reasons]).toEqual([1, Array(19).fill('not-pending')]);
  });
});
