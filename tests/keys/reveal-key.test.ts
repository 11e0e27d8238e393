import { beforeEach, describe, expect, it } from 'vitest';
import { hashRawKey, parseRawKey } from '~/crypto/key-format.server';
import { callConcurrently, reasonOf } from '../helpers/app';
import { keyTrail } from '../helpers/audit';
import { activeKey, approvedKey, keyRow, pendingKey, type Team, team } from '../helpers/team';

let org: Team;

beforeEach(async () => {
  org = await team();
});

describe('keys.reveal', () => {
  it('mints the secret: before it, an approved key has no hash in the database', async () => {
    const keyId = await approvedKey(org);
    expect(await keyRow(org.app, keyId)).toMatchObject({
      status: 'ACTIVE',
      hash: null,
      prefix: null,
      revealedAt: null,
    });

    const { rawKey, key } = await org.asMember.keys.reveal({ keyId });
    expect(parseRawKey(rawKey)).toEqual({ kind: 'aik', environment: 'production' });
    expect(key).toMatchObject({ id: keyId, status: 'ACTIVE', revealed: true });
    expect((await keyRow(org.app, keyId)).hash).toBe(hashRawKey(rawKey));
  });

  it('works once, and not for a key that was issued with its secret', async () => {
    const keyId = await approvedKey(org);
    await org.asMember.keys.reveal({ keyId });
    const again = org.asMember.keys.reveal({ keyId });
    await expect(again).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('revoke it and request a new one'),
    });
    const issued = await activeKey(org);
    expect(await reasonOf(org.asMember.keys.reveal({ keyId: issued.keyId }))).toBe('already-revealed');
  });

  it('refuses every admin, also the one who approved the key', async () => {
    const keyId = await approvedKey(org);
    for (const admin of [org.asAdmin, org.asSecondAdmin]) {
      await expect(admin.keys.reveal({ keyId })).rejects.toMatchObject({ code: 'FORBIDDEN' });
      expect(await reasonOf(admin.keys.reveal({ keyId }))).toBe('not-holder');
    }
    expect((await keyRow(org.app, keyId)).hash).toBeNull();
  });

  it('responds to another member as if the key didn’t exist', async () => {
    const keyId = await approvedKey(org);
    await expect(org.asOther.keys.reveal({ keyId })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await reasonOf(org.asOther.keys.reveal({ keyId }))).toBe('key-not-found');
  });

  it('refuses pending, rejected and revoked keys', async () => {
    const keyId = await pendingKey(org);
    expect(await reasonOf(org.asMember.keys.reveal({ keyId }))).toBe('not-active');
    await org.asAdmin.requests.reject({ keyId, reason: 'not yet' });
    expect(await reasonOf(org.asMember.keys.reveal({ keyId }))).toBe('not-active');

    const second = await approvedKey(org);
    await org.asMember.keys.revoke({ keyId: second });
    expect(await reasonOf(org.asMember.keys.reveal({ keyId: second }))).toBe('not-active');
    expect((await keyRow(org.app, second)).hash).toBeNull();
  });

  it('returns one working raw key to 20 concurrent calls', async () => {
    const keyId = await approvedKey(org);
    const { values, reasons } = await callConcurrently(20, () => org.asMember.keys.reveal({ keyId }));
    expect(values).toHaveLength(1);
    expect(reasons).toEqual(Array(19).fill('already-revealed'));
    expect((await keyRow(org.app, keyId)).hash).toBe(hashRawKey(values[0]?.rawKey ?? ''));
    expect((await keyTrail(org.app, keyId)).filter(({ action }) => action === 'key.revealed')).toHaveLength(
      1,
    );
  });

  it('records the prefix on the audit trail, but not the raw key', async () => {
    const keyId = await approvedKey(org);
    const { rawKey, key } = await org.asMember.keys.reveal({ keyId });
    const trail = await keyTrail(org.app, keyId);
    expect(trail.at(-1)).toEqual({
      action: 'key.revealed',
      actorEmail: org.member.email,
      details: { tool: 'guarded', environment: 'production', purpose: 'nightly deploy', prefix: key.prefix },
    });
    expect(JSON.stringify(trail)).not.toContain(rawKey);
  });

  it('refuses malformed ids and unknown keys', async () => {
    expect(await reasonOf(org.asMember.keys.reveal({ keyId: 'key_1' }))).toBe('invalid-input');
    expect(await reasonOf(org.asMember.keys.reveal({ keyId: `key_${'0'.repeat(20)}` }))).toBe(
      'key-not-found',
    );
  });
});
