import { describe, expect, it } from 'vitest';
import { hashRawKey, parseRawKey } from '~/crypto/key-format.server';
import { callConcurrently, reasonOf } from '../helpers/app';
import { keyTrail } from '../helpers/audit';
import { activeKey, approvedKey, keyRow, pendingKey, team } from '../helpers/team';

describe('keys.reveal', () => {
  it('mints the secret: before it, an approved key has no hash in the database', async () => {
    const story = await team();
    const keyId = await approvedKey(story);
    expect(await keyRow(story.app, keyId)).toMatchObject({
      status: 'ACTIVE',
      hash: null,
      prefix: null,
      revealedAt: null,
    });

    const { rawKey, key } = await story.asMember.keys.reveal({ keyId });
    expect(parseRawKey(rawKey)).toEqual({ kind: 'aik', environment: 'production' });
    expect(key).toMatchObject({ id: keyId, status: 'ACTIVE', revealed: true });
    expect((await keyRow(story.app, keyId)).hash).toBe(hashRawKey(rawKey));
  });

  it('works once, and not for a key that was issued with its secret', async () => {
    const story = await team();
    const keyId = await approvedKey(story);
    await story.asMember.keys.reveal({ keyId });
    const again = story.asMember.keys.reveal({ keyId });
    await expect(again).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('revoke it and request a new one'),
    });
    const issued = await activeKey(story);
    expect(await reasonOf(story.asMember.keys.reveal({ keyId: issued.keyId }))).toBe('already-revealed');
  });

  it('refuses every admin, also the one who approved the key', async () => {
    const story = await team();
    const keyId = await approvedKey(story);
    for (const admin of [story.asAdmin, story.asSecondAdmin]) {
      await expect(admin.keys.reveal({ keyId })).rejects.toMatchObject({ code: 'FORBIDDEN' });
      expect(await reasonOf(admin.keys.reveal({ keyId }))).toBe('not-holder');
    }
    expect((await keyRow(story.app, keyId)).hash).toBeNull();
  });

  it('responds to another member as if the key didn’t exist', async () => {
    const story = await team();
    const keyId = await approvedKey(story);
    await expect(story.asOther.keys.reveal({ keyId })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await reasonOf(story.asOther.keys.reveal({ keyId }))).toBe('key-not-found');
  });

  it('refuses pending, rejected and revoked keys', async () => {
    const story = await team();
    const keyId = await pendingKey(story);
    expect(await reasonOf(story.asMember.keys.reveal({ keyId }))).toBe('not-active');
    await story.asAdmin.requests.reject({ keyId, reason: 'not yet' });
    expect(await reasonOf(story.asMember.keys.reveal({ keyId }))).toBe('not-active');

    const second = await approvedKey(story);
    await story.asMember.keys.revoke({ keyId: second });
    expect(await reasonOf(story.asMember.keys.reveal({ keyId: second }))).toBe('not-active');
    expect((await keyRow(story.app, second)).hash).toBeNull();
  });

  it('returns one working raw key to 20 concurrent calls', async () => {
    const story = await team();
    const keyId = await approvedKey(story);
    const { values, reasons } = await callConcurrently(20, () => story.asMember.keys.reveal({ keyId }));
    expect(values).toHaveLength(1);
    expect(reasons).toEqual(Array(19).fill('already-revealed'));
    expect((await keyRow(story.app, keyId)).hash).toBe(hashRawKey(values[0]?.rawKey ?? ''));
    expect((await keyTrail(story.app, keyId)).filter(({ action }) => action === 'key.revealed')).toHaveLength(
      1,
    );
  });

  it('records the prefix on the audit trail, but not the raw key', async () => {
    const story = await team();
    const keyId = await approvedKey(story);
    const { rawKey, key } = await story.asMember.keys.reveal({ keyId });
    const trail = await keyTrail(story.app, keyId);
    expect(trail.at(-1)).toEqual({
      action: 'key.revealed',
      actorEmail: story.member.email,
      details: { tool: 'guarded', environment: 'production', purpose: 'nightly deploy', prefix: key.prefix },
    });
    expect(JSON.stringify(trail)).not.toContain(rawKey);
  });

  it('refuses signed-out callers, malformed ids and unknown keys', async () => {
    const story = await team();
    const keyId = await approvedKey(story);
    expect(await reasonOf(story.signedOut.keys.reveal({ keyId }))).toBe('signed-out');
    expect(await reasonOf(story.asMember.keys.reveal({ keyId: 'key_1' }))).toBe('invalid-input');
    expect(await reasonOf(story.asMember.keys.reveal({ keyId: `key_${'0'.repeat(20)}` }))).toBe(
      'key-not-found',
    );
  });
});
