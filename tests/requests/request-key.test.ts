import { eq } from 'drizzle-orm';
import { beforeEach, describe, expect, it } from 'vitest';
import { hashRawKey, parseRawKey } from '~/crypto/key-format.server';
import { keys, requests, tools } from '~db/schema';
import type { Environment } from '~db/schema/enums';
import { callConcurrently, reasonOf } from '../helpers/app';
import { keyTrail } from '../helpers/audit';
import { keyRow, letTimePass, type Team, team } from '../helpers/team';

let org: Team;

beforeEach(async () => {
  org = await team();
});

const request = (tool: string, environment: Environment, purpose = 'a good reason') =>
  org.asMember.keys.request({ tool, environment, purpose });

describe('keys.request', () => {
  it.each([
    ['open', 'development', 'issued'],
    ['open', 'staging', 'issued'],
    ['open', 'production', 'issued'],
    ['guarded', 'development', 'issued'],
    ['guarded', 'staging', 'issued'],
    ['guarded', 'production', 'pending'],
  ] as const)('of the %s tool for %s is %s', async (tool, environment, outcome) => {
    const { app } = org;
    const answer = await request(tool, environment);
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
    const { app, asMember } = org;
    const answer = await request('open', 'staging');
    if (answer.outcome !== 'issued') throw new Error('the key was not issued');
    expect(parseRawKey(answer.rawKey)).toEqual({ kind: 'aik', environment: 'staging' });
    const row = await keyRow(app, answer.key.id);
    expect(row.hash).toBe(hashRawKey(answer.rawKey));
    expect(answer.rawKey.startsWith(row.prefix ?? '-')).toBe(true);
    expect(row.prefix).toHaveLength('aik_stg_'.length + 6);
    expect(JSON.stringify([answer, await asMember.keys.mine()])).not.toContain(row.hash);
  });

  it('records purpose and environment of issued and pending keys on the audit trail', async () => {
    const { app, member } = org;
    const issued = await request('open', 'staging', 'load tests');
    const pending = await request('guarded', 'production', 'deploys');
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
    for (const [tool, environment] of [
      ['open', 'development'],
      ['guarded', 'production'],
    ] as const) {
      await request(tool, environment, 'first');
      expect(await reasonOf(request(tool, environment, 'second'))).toBe('live-key-exists');
    }
  });

  it('creates another key after the first was revoked', async () => {
    const { app, asMember } = org;
    letTimePass(app);
    const first = await request('open', 'development', 'first');
    await asMember.keys.revoke({ keyId: first.key.id });
    const second = await request('open', 'development', 'second');
    expect((await asMember.keys.mine()).map(({ id, status }) => [id, status])).toEqual([
      [second.key.id, 'ACTIVE'],
      [first.key.id, 'REVOKED'],
    ]);
  });

  it('creates one key for 20 concurrent calls', async () => {
    const { app } = org;
    const { values, reasons } = await callConcurrently(20, () =>
      request('open', 'development', 'concurrent'),
    );
    expect(values).toHaveLength(1);
    expect(reasons).toEqual(Array(19).fill('live-key-exists'));
    expect(await app.db.read.select().from(keys)).toHaveLength(1);
    expect(await app.db.read.select().from(requests)).toHaveLength(1);
  });

  it('refuses unknown and archived tools', async () => {
    const { app, open } = org;
    expect(await reasonOf(request('nope', 'staging'))).toBe('tool-not-found');
    await app.db.write(
      async (tx) => void (await tx.update(tools).set({ archivedAt: 1 }).where(eq(tools.id, open.id))),
    );
    expect(await reasonOf(request('open', 'staging'))).toBe('tool-archived');
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
    const { app } = org;
    expect(await reasonOf(request('open', 'staging', purpose))).toBe('invalid-input');
    expect(await app.db.read.select().from(keys)).toEqual([]);
  });

  it('accepts a purpose of 3 to 200 characters and trims it', async () => {
    for (const [environment, purpose] of [
      ['staging', ' abc '],
      ['development', 'x'.repeat(200)],
      ['production', '😀😀😀'],
    ] as const) {
      const { key } = await request('open', environment, purpose);
      expect(key.purpose).toBe(purpose.trim());
    }
  });

  it('refuses an unknown environment', async () => {
    const environment = 'prod' as Environment;
    expect(await reasonOf(request('open', environment))).toBe('invalid-input');
  });
});
