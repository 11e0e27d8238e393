import { describe, expect, it } from 'vitest';
import type { KeyView } from '~/keys/keys.schema';
import { endedLimit, withoutOldest } from '~/ui/keys/own-keys-params';
import { activeKey, letTimePass, pendingKey, team } from '../helpers/team';

/** A member with two live and three revoked keys, and a colleague with one of each. */
async function teamWithKeys() {
  const org = await team();
  letTimePass(org.app);
  const ended: string[] = [];
  const end = async () => {
    const { keyId } = await activeKey(org);
    await org.asMember.keys.revoke({ keyId });
    ended.unshift(keyId);
  };
  await end();
  const pending = await pendingKey(org);
  await end();
  await end();
  const { keyId: active } = await activeKey(org);
  const request = { tool: 'open', environment: 'development', purpose: 'another person' } as const;
  const other = await org.asOther.keys.request(request);
  await org.asOther.keys.revoke({ keyId: other.key.id });
  await org.asOther.keys.request(request);
  return { ...org, pending, active, ended };
}

const ids = (keys: KeyView[]) => keys.map(({ id }) => id);

describe('keys.mine', () => {
  it('lists all keys of the member, newest first, and no other member’s', async () => {
    const { asMember, pending, active, ended } = await teamWithKeys();
    const [third = '', second = '', first = ''] = ended;
    expect(ids(await asMember.keys.mine())).toEqual([active, third, second, pending, first]);
  });

  it('lists every live key and only the requested number of ended ones', async () => {
    const { asMember, pending, active, ended } = await teamWithKeys();
    expect(ids(await asMember.keys.mine({ ended: 1 }))).toEqual([active, ended[0], pending]);
    expect(ids(await asMember.keys.mine({ ended: 2 }))).toEqual([active, ended[0], ended[1], pending]);
    expect(await asMember.keys.mine({ ended: 3 })).toEqual(await asMember.keys.mine());
  });

  it.each([0, -1, 1.5, 1_001])('refuses %s as the number of ended keys', async (bound) => {
    const { asMember } = await team();
    await expect(asMember.keys.mine({ ended: bound })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  });
});

describe('page of own keys', () => {
  const key = (id: number, status: KeyView['status']) => ({ id: `key_${id}`, status }) as KeyView;
  const keys = [key(5, 'REVOKED'), key(4, 'ACTIVE'), key(3, 'REJECTED'), key(2, 'PENDING')];

  it('requests one ended key more than it shows, or all of them', () => {
    expect(endedLimit(new URLSearchParams())).toBe(101);
    expect(endedLimit(new URLSearchParams('ended=some'))).toBe(101);
    expect(endedLimit(new URLSearchParams('ended=all'))).toBeUndefined();
  });

  it('leaves out the oldest ended key when there are more than it shows', () => {
    expect(withoutOldest(keys, 2)).toEqual({ keys: [keys[0], keys[1], keys[3]], older: true });
    expect(withoutOldest(keys, 3)).toEqual({ keys, older: false });
    expect(withoutOldest(keys, undefined)).toEqual({ keys, older: false });
  });
});
