import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Caller } from '~/api/router.server';
import { mintRawKey } from '~/crypto/key-format.server';
import type { ListKeysInput } from '~/keys/keys.schema';
import { KEYS_PAGE_SIZE } from '~/keys/list-keys.server';
import { RAW_KEY_IN_SEARCH } from '~/keys/raw-key-patterns';
import { readAllKeysParams } from '~/ui/keys/read-all-keys-params.server';
import { confirmationText } from '~/ui/keys/revoke-confirmation';
import { keys, requests } from '~db/schema';
import type { KeyStatus } from '~db/schema/enums';
import { reasonOf } from '../helpers/app';
import { addTool, addUser } from '../helpers/factories';
import { activeKey, approvedKey, pendingKey, type Team, team } from '../helpers/team';

/** Adds keys to the database, oldest first, two per millisecond. */
async function addKeys(
  { app, member, open }: Team,
  amount: number,
  of: (index: number) => Partial<typeof keys.$inferInsert> = () => ({}),
): Promise<string[]> {
  const ids = Array.from({ length: amount }, (_, index) => `key_${String(index).padStart(20, '0')}`);
  await app.db.write(async (tx) => {
    for (const [index, id] of ids.entries()) {
      const at = 1_000 + Math.floor(index / 2);
      const status: KeyStatus = of(index).status ?? 'REVOKED';
      await tx.insert(requests).values({
        id: `req_${id}`,
        requesterId: member.id,
        purpose: 'one of many',
        createdAt: at,
        ...(status === 'PENDING' ? {} : { decision: 'auto-issued' as const, decidedAt: at }),
      });
      await tx.insert(keys).values({
        id,
        requestId: `req_${id}`,
        holderId: member.id,
        toolId: open.id,
        environment: 'staging',
        createdAt: at,
        status,
        revokedAt: status === 'REVOKED' ? at : null,
        ...of(index),
      });
    }
  });
  return ids;
}

async function readAll(caller: Caller, input: NonNullable<ListKeysInput> = {}): Promise<string[]> {
  const seen: string[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await caller.keys.register({ ...input, cursor });
    seen.push(...page.keys.map(({ id }) => id));
    if (page.nextCursor === null) return seen;
    cursor = page.nextCursor;
  }
}

let org: Team;

beforeEach(async () => {
  org = await team();
});

describe('keys.register', () => {
  it('lists all keys with their holders, without hashes', async () => {
    const { keyId } = await activeKey(org);
    const waiting = await pendingKey(org);
    const page = await org.asAdmin.keys.register();
    expect(page).toMatchObject({ count: 2, countIsWhole: true, nextCursor: null, newerCursor: null });
    const { id, name, email } = org.member;
    expect(page.keys.find((key) => key.id === keyId)).toMatchObject({
      tool: { slug: 'open', displayName: 'Open' },
      status: 'ACTIVE',
      purpose: 'trying it out',
      holder: { id, name, email, disabled: false },
    });
    expect(page.keys.find((key) => key.id === waiting)).toMatchObject({ status: 'PENDING', prefix: null });
    expect(JSON.stringify(page)).not.toContain('hash');
  });

  it.each([undefined, 'oldest'] as const)(
    'returns each key once across pages, in both directions, sort %s',
    async (sort) => {
      const { asAdmin } = org;
      // Pairs of keys share a creation time.
      const ids = await addKeys(org, 2 * KEYS_PAGE_SIZE + 3);
      expect(await readAll(asAdmin, { sort })).toEqual(sort === 'oldest' ? ids : ids.toReversed());
      const read = (position: { cursor?: string; after?: string }) =>
        asAdmin.keys.register({ sort, ...position });
      const first = await read({});
      const second = await read({ cursor: first.nextCursor ?? '' });
      const third = await read({ cursor: second.nextCursor ?? '' });
      expect(first).toMatchObject({ count: ids.length, newerCursor: null });
      expect(third.nextCursor).toBeNull();
      expect(await read({ after: third.newerCursor ?? '' })).toEqual(second);
      expect(await read({ after: second.newerCursor ?? '' })).toEqual(first);
      // The first page is always full.
      expect(await read({ after: second.keys[0]?.id })).toEqual(first);
      expect(await read({ after: first.keys[1]?.id })).toEqual(first);
      expect(await reasonOf(read({ after: ids[0], cursor: ids[1] }))).toBe('invalid-input');
    },
  );

  it.each(['PENDING', 'ACTIVE', 'REJECTED', 'REVOKED', 'live'] as const)(
    'filters by status %s',
    async (status) => {
      const active = (await activeKey(org)).keyId;
      const rejected = await pendingKey(org);
      await org.asAdmin.requests.reject({ keyId: rejected, reason: 'not now' });
      const revoked = await approvedKey(org);
      await org.asAdmin.keys.revoke({ keyId: revoked, reason: 'not needed' });
      const pending = await pendingKey(org);
      const expected = {
        PENDING: [pending],
        ACTIVE: [active],
        REJECTED: [rejected],
        REVOKED: [revoked],
        live: [pending, active],
      }[status];
      const found = await readAll(org.asAdmin, { status });
      expect(found.toSorted()).toEqual(expected.toSorted());
    },
  );

  it('searches holder name, email, tool name and slug, ignoring case', async () => {
    const { app, asAdmin, other } = org;
    const umlaut = await addUser(app, 'member', 'Änne Özil');
    const speechTool = await addTool(app, { slug: 'speech-x', displayName: 'Überspeech' });
    const ids = await addKeys(
      org,
      4,
      (index) =>
        [{}, { holderId: other.id }, { holderId: umlaut.id }, { toolId: speechTool.id }][index] ?? {},
    );
    const [members, others, umlauts, speech] = ids;
    const find = async (q: string) => (await readAll(asAdmin, { q })).toSorted();
    expect(await find('otto O')).toEqual([others]);
    expect(await find(other.email.toUpperCase())).toEqual([others]);
    expect(await find('äNNE')).toEqual([umlauts]);
    expect(await find('ÜBERSP')).toEqual([speech]);
    expect(await find('speech-x')).toEqual([speech]);
    expect(await find('mara')).toEqual([members, speech]);
    expect(await find('%')).toEqual([]);
    expect(await find('no such name')).toEqual([]);
    expect(await readAll(asAdmin, { q: 'otto', status: 'ACTIVE' })).toEqual([]);
  });

  it('returns a key once when both its holder and its tool match', async () => {
    const opener = await addUser(org.app, 'member', 'Open Olga');
    const ids = await addKeys(org, KEYS_PAGE_SIZE + 5, () => ({ holderId: opener.id }));
    expect(await readAll(org.asAdmin, { q: 'open' })).toEqual(ids.toReversed());
    expect((await org.asAdmin.keys.register({ q: 'open' })).count).toBe(ids.length);
  });

  it('searches equally with more matching holders than it probes', async () => {
    const crowd: { id: string }[] = [];
    for (let person = 0; person < 30; person++)
      crowd.push(await addUser(org.app, 'member', `Crowd ${person}`));
    const ids = await addKeys(org, 90, (index) => ({ holderId: crowd[index % 30]?.id }));
    expect(await readAll(org.asAdmin, { q: 'crowd' })).toEqual(ids.toReversed());
    const some = ids.filter((_id, index) => index % 30 === 7);
    expect(await readAll(org.asAdmin, { q: 'Crowd 7' })).toEqual(some.toReversed());
  });

  it('searches by id and by the beginning of a display prefix', async () => {
    const { keyId } = await activeKey(org);
    await addKeys(org, 3);
    const [key] = await org.asMember.keys.mine();
    const found = (await org.asAdmin.keys.chosen({ keyIds: [keyId] }))[0];
    expect(key).toBeDefined();
    for (const q of [found?.prefix ?? '', found?.prefix?.slice(0, 10) ?? '', 'aik_', keyId]) {
      expect(await readAll(org.asAdmin, { q })).toEqual([keyId]);
    }
    expect(await readAll(org.asAdmin, { q: 'aik_prod_' })).toEqual([]);
  });

  it('refuses more of a raw key than its prefix, because a search becomes part of the URL', async () => {
    const { asAdmin } = org;
    const { rawKey, prefix } = mintRawKey('production');
    await asAdmin.keys.register({ q: prefix });
    expect(await reasonOf(asAdmin.keys.register({ q: rawKey }))).toBe('invalid-input');
    expect(await reasonOf(asAdmin.keys.register({ q: `Bearer ${rawKey.slice(0, prefix.length + 1)}` }))).toBe(
      'invalid-input',
    );
  });

  it('reads every search in order from an index, without sorting all matches', async () => {
    await addKeys(org, 3);
    const { read, write } = org.app.db.connections;
    for (const input of [
      {},
      { status: 'live' },
      { status: 'REVOKED' },
      { q: 'mara' },
      { q: 'open' },
      { q: 'aik_' },
    ] as const) {
      const prepared = vi.spyOn(read, 'prepare');
      await org.asAdmin.keys.register(input);
      const paged = prepared.mock.calls.map(([sql]) => sql).filter((sql) => /order by.*limit/.test(sql));
      prepared.mockRestore();
      expect(paged.length).toBeGreaterThan(0);
      for (const sql of paged) {
        const steps = write.prepare<unknown[], { detail: string }>(`explain query plan ${sql}`);
        const plan = steps.all(...Array.from(sql.matchAll(/\?/g), () => 1)).map(({ detail }) => detail);
        expect(plan.join('\n')).toMatch(/USING (COVERING )?INDEX keys_(created|status|holder|tool)/);
        // Sorting the ids of equal times is fine: they are few.
        expect(plan.filter((step) => /TEMP B-TREE FOR ORDER BY/.test(step))).toEqual([]);
      }
    }
  });
});

describe('keys.findByRawKey', () => {
  it('finds active and revoked keys in any surrounding text', async () => {
    const { keyId, rawKey } = await activeKey(org);
    for (const text of [
      rawKey,
      `  ${rawKey}\n`,
      `Authorization: Bearer ${rawKey}`,
      `export OPENAI_API_KEY="${rawKey}"`,
    ]) {
      const found = await org.asAdmin.keys.findByRawKey({ rawKey: text });
      expect(found).toMatchObject({ id: keyId, status: 'ACTIVE', holder: { email: org.member.email } });
      expect(JSON.stringify(found)).not.toContain(rawKey);
    }
    await org.asAdmin.keys.revoke({ keyId, reason: 'it leaked' });
    expect(await org.asAdmin.keys.findByRawKey({ rawKey })).toMatchObject({ status: 'REVOKED' });
  });

  it('distinguishes a mistyped key from an unknown one', async () => {
    const { rawKey } = await activeKey(org);
    const mistyped = rawKey.replace(/.$/, (last) => (last === 'a' ? 'b' : 'a'));
    const { asAdmin } = org;
    for (const text of [mistyped, rawKey.slice(0, -1), 'sk-proj-something', 'not a key']) {
      expect(await reasonOf(asAdmin.keys.findByRawKey({ rawKey: text }))).toBe('invalid-raw-key');
    }
    const foreign = mintRawKey('production').rawKey;
    expect(await reasonOf(asAdmin.keys.findByRawKey({ rawKey: foreign }))).toBe('raw-key-not-found');
    expect(await reasonOf(asAdmin.keys.findByRawKey({ rawKey: '' }))).toBe('invalid-input');
  });

  it('leaves the pasted text out of errors and the audit trail', async () => {
    const { rawKey } = mintRawKey('production');
    const before = await org.asAdmin.audit.head();
    for (const text of [rawKey, `${rawKey}x`.slice(1), rawKey.repeat(300)]) {
      const error: unknown = await org.asAdmin.keys.findByRawKey({ rawKey: text }).catch((caught) => caught);
      const { message, cause } = error as Error;
      expect(`${message} ${(cause as Error).message} ${JSON.stringify(cause)}`).not.toContain(
        rawKey.slice(9, 41),
      );
    }
    expect(await org.asAdmin.audit.head()).toEqual(before);
  });
});

describe('confirmation text for revoking keys', () => {
  const now = 100 * 86_400_000;
  const key = (lastUsedAt: number | null, email: string | null = 'mara@example.com') => ({
    lastUsedAt,
    tool: { slug: 'open', displayName: 'Open' },
    holder: { id: 'anybody', name: 'ci/deploy', email, disabled: false },
  });

  it('is none for an idle key, the slug for a recently used one, and the number for several', () => {
    expect(confirmationText([], now)).toBeNull();
    expect(confirmationText([key(null)], now)).toBeNull();
    expect(confirmationText([key(now - 8 * 86_400_000)], now)).toBeNull();
    expect(confirmationText([key(now - 6 * 86_400_000)], now)).toBe('open');
    expect(confirmationText([key(null), key(null), key(now)], now)).toBe('revoke 3 keys');
  });

  it('is the name of the service account for one of its keys', () => {
    expect(confirmationText([key(null, null)], now)).toBe('ci/deploy');
    expect(confirmationText([key(now, null)], now)).toBe('ci/deploy');
    expect(confirmationText([key(null, null), key(null, null)], now)).toBe('revoke 2 keys');
  });
});

describe('readAllKeysParams', () => {
  const id = `key_${'0'.repeat(20)}`;

  it('reads filters and cursor from the URL and ignores invalid values', () => {
    expect(readAllKeysParams(new URLSearchParams(`q=+ada+&status=live&cursor=${id}&after=${id}`))).toEqual({
      input: { q: 'ada', status: 'live', cursor: id },
      problem: null,
    });
    expect(readAllKeysParams(new URLSearchParams('sort=oldest')).input.sort).toBe('oldest');
    expect(readAllKeysParams(new URLSearchParams('sort=loudest')).input.sort).toBeUndefined();
    expect(readAllKeysParams(new URLSearchParams('q=&status=EATEN&cursor=7&after=x'))).toEqual({
      input: {},
      problem: null,
    });
    const { input, problem } = readAllKeysParams(new URLSearchParams({ q: mintRawKey('staging').rawKey }));
    expect(input.q).toBeUndefined();
    expect(problem).toBe(RAW_KEY_IN_SEARCH);
  });
});
