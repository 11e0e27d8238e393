import { eq } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { hashRawKey, parseRawKey } from '~/crypto/key-format.server';
import { keys, requests, tools } from '~db/schema';
import type { environments } from '~db/schema/enums';
import { callConcurrently, reasonOf } from '../helpers/app';
import { keyTrail } from '../helpers/audit';
import { keyRow, letTimePass, team } from '../helpers/team';

describe('keys.request', () => {
  it.each([
    ['open', 'development', 'issued'],
    ['open', 'staging', 'issued'],
    ['open', 'production', 'issued'],
    ['guarded', 'development', 'issued'],
    ['guarded', 'staging', 'issued'],
    ['guarded', 'production', 'pending'],
  ] as const)('of the %s tool for %s is %s', async (tool, environment, outcome) => {
    const { app, asMember } = await team();
    const answer = await asMember.keys.request({ tool, environment, purpose: 'a good reason' });
    expect(answer.outcome).toBe(outcome);
    expect(answer.key).toMatchObject({
      tool: { slug: tool },
      environment,
      purpose: 'a good reason',
      status: outcome === 'issued' ? 'ACTIVE' : 'PENDING',
      revealed: outcome === 'issued',
      lastUsedAt: null,
      ended: null,
    });
    expect('rawKey' in answer).toBe(outcome === 'issued');
    const noSecret = { hash: null, prefix: null, revealedAt: null };
    if (outcome === 'pending') expect(await keyRow(app, answer.key.id)).toMatchObject(noSecret);
  });

  it('returns a valid raw key and stores only its hash, which no procedure returns', async () => {
    const { app, asMember } = await team();
    const answer = await asMember.keys.request({
      tool: 'open',
      environment: 'staging',
      purpose: 'a good reason',
    });
    if (answer.outcome !== 'issued') throw new Error('the key was not issued');
    expect(parseRawKey(answer.rawKey)).toEqual({ kind: 'aik', environment: 'staging' });
    const row = await keyRow(app, answer.key.id);
    expect(row.hash).toBe(hashRawKey(answer.rawKey));
    expect(answer.rawKey.startsWith(row.prefix ?? '-')).toBe(true);
    expect(row.prefix).toHaveLength('aik_stg_'.length + 6);
    expect(JSON.stringify([answer, await asMember.keys.mine()])).not.toContain(row.hash);
  });

  it('records purpose and environment of issued and pending keys on the audit trail', async () => {
    const { app, asMember, member } = await team();
    const issued = await asMember.keys.request({
      tool: 'open',
      environment: 'staging',
      purpose: 'load tests',
    });
    const pending = await asMember.keys.request({
      tool: 'guarded',
      environment: 'production',
      purpose: 'deploys',
    });
    expect(await keyTrail(app, issued.key.id)).toEqual([
      {
        action: 'key.issued',
        actorEmail: member.email,
        details: { tool: 'open', environment: 'staging', purpose: 'load tests', prefix: issued.key.prefix },
      },
    ]);
    expect(await keyTrail(app, pending.key.id)).toEqual([
      {
        action: 'key.requested',
        actorEmail: member.email,
        details: { tool: 'guarded', environment: 'production', purpose: 'deploys' },
      },
    ]);
  });

  it('refuses a second live key for the same tool and environment', async () => {
    const { asMember } = await team();
    for (const [tool, environment] of [
      ['open', 'development'],
      ['guarded', 'production'],
    ] as const) {
      await asMember.keys.request({ tool, environment, purpose: 'first' });
      expect(await reasonOf(asMember.keys.request({ tool, environment, purpose: 'second' }))).toBe(
        'live-key-exists',
      );
    }
  });

  it('creates another key after the first was revoked', async () => {
    const { app, asMember } = await team();
    letTimePass(app);
    const first = await asMember.keys.request({ tool: 'open', environment: 'development', purpose: 'first' });
    await asMember.keys.revoke({ keyId: first.key.id });
    const second = await asMember.keys.request({
      tool: 'open',
      environment: 'development',
      purpose: 'second',
    });
    expect((await asMember.keys.mine()).map(({ id, status }) => [id, status])).toEqual([
      [second.key.id, 'ACTIVE'],
      [first.key.id, 'REVOKED'],
    ]);
  });

  it('creates one key for 20 concurrent calls', async () => {
    const { app, asMember } = await team();
    const { values, reasons } = await callConcurrently(20, () =>
      asMember.keys.request({ tool: 'open', environment: 'development', purpose: 'all at once' }),
    );
    expect(values).toHaveLength(1);
    expect(reasons).toEqual(Array(19).fill('live-key-exists'));
    expect(await app.db.read.select().from(keys)).toHaveLength(1);
    expect(await app.db.read.select().from(requests)).toHaveLength(1);
  });

  it('refuses unknown and archived tools', async () => {
    const { app, asMember, open } = await team();
    expect(
      await reasonOf(asMember.keys.request({ tool: 'nope', environment: 'staging', purpose: 'why not' })),
    ).toBe('tool-not-found');
    await app.db.write(
      async (tx) => void (await tx.update(tools).set({ archivedAt: 1 }).where(eq(tools.id, open.id))),
    );
    expect(
      await reasonOf(asMember.keys.request({ tool: 'open', environment: 'staging', purpose: 'why not' })),
    ).toBe('tool-archived');
  });

  it.each([
    ['empty', ''],
    ['two characters', 'ab'],
    ['two characters that are three UTF-16 units', '😀a'],
    ['blank', '     '],
    ['201 characters', 'x'.repeat(201)],
    ['two lines', 'one\ntwo'],
    ['a line separator', 'one\u2028two'],
    ['a control character', 'one\u0007two'],
    ['a raw key', `for aik_dev_${'0'.repeat(38)}`],
    ['more of a raw key than its prefix', 'for aik_dev_0000000'],
  ])('refuses a purpose that is %s and writes nothing', async (_name, purpose) => {
    const { app, asMember } = await team();
    expect(await reasonOf(asMember.keys.request({ tool: 'open', environment: 'staging', purpose }))).toBe(
      'invalid-input',
    );
    expect(await app.db.read.select().from(keys)).toEqual([]);
  });

  it('accepts a purpose of 3 to 200 characters and trims it', async () => {
    const { asMember } = await team();
    for (const [environment, purpose] of [
      ['staging', ' abc '],
      ['development', 'x'.repeat(200)],
      ['production', '😀😀😀'],
    ] as const) {
      const { key } = await asMember.keys.request({ tool: 'open', environment, purpose });
      expect(key.purpose).toBe(purpose.trim());
    }
  });

  it('refuses an unknown environment', async () => {
    const { asMember } = await team();
    const environment = 'prod' as (typeof environments)[number];
    expect(await reasonOf(asMember.keys.request({ tool: 'open', environment, purpose: 'why not' }))).toBe(
      'invalid-input',
    );
  });

  it('refuses signed-out callers', async () => {
    const { signedOut } = await team();
    expect(
      await reasonOf(signedOut.keys.request({ tool: 'open', environment: 'staging', purpose: 'hello' })),
    ).toBe('signed-out');
  });
});
