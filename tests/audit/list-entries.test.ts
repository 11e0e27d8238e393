import { describe, expect, it, vi } from 'vitest';
import type { Caller } from '~/api/router.server';
import type { AuditListInput } from '~/audit/audit.schema';
import { AUDIT_PAGE_SIZE, toAuditView } from '~/audit/list-entries.server';
import { readHead, SYSTEM } from '~/audit/record.server';
import type { App } from '~/server/create-app.server';
import { callerAs, reasonOf, testApp } from '../helpers/app';
import { actorOf, addAuditEntries, allAuditEntries, tamper } from '../helpers/audit';
import { addTool, addUser } from '../helpers/factories';

async function withAdmin() {
  const app = await testApp();
  const admin = await addUser(app, 'admin');
  return { app, admin, caller: callerAs(app, admin.id) };
}

/** Every entry there is for these filters, page by page towards the oldest. */
async function readAll(caller: Caller, filters: NonNullable<AuditListInput>): Promise<number[]> {
  const seen: number[] = [];
  for (let cursor: number | undefined; ; ) {
    const page = await caller.audit.list({ ...filters, cursor });
    seen.push(...page.entries.map(({ seq }) => seq));
    if (page.nextCursor === null) return seen;
    cursor = page.nextCursor;
  }
}

describe('audit.list', () => {
  it('is for admins: refuses the signed out and members, and records a member’s attempt', async () => {
    const { app, caller } = await withAdmin();
    const member = await addUser(app);
    expect(await reasonOf(callerAs(app, null).audit.list())).toBe('signed-out');
    expect(await reasonOf(callerAs(app, member.id).audit.list())).toBe('not-admin');
    const { entries } = await caller.audit.list({ action: 'access.denied' });
    expect(entries).toMatchObject([{ actorId: member.id, subject: 'procedure:audit.list' }]);
  });

  it('answers pages of fifty, newest first, until the first entry, each entry once', async () => {
    const { app, caller } = await withAdmin();
    await addAuditEntries(app, 2 * AUDIT_PAGE_SIZE + 7);
    const { seq } = await readHead(app.db.read);
    const first = await caller.audit.list();
    expect(first.entries).toHaveLength(AUDIT_PAGE_SIZE);
    expect(first.newerCursor).toBeNull();
    expect(await readAll(caller, {})).toEqual(Array.from({ length: seq }, (_, index) => seq - index));
  });

  it('leads back from an older page to the newest by newer pages', async () => {
    const { app, caller } = await withAdmin();
    await addAuditEntries(app, 3 * AUDIT_PAGE_SIZE);
    const first = await caller.audit.list();
    const second = await caller.audit.list({ cursor: first.nextCursor ?? 0 });
    const third = await caller.audit.list({ cursor: second.nextCursor ?? 0 });
    const back = await caller.audit.list({ after: third.newerCursor ?? 0 });
    expect(back).toEqual(second);
    expect(await caller.audit.list({ after: back.newerCursor ?? 0 })).toEqual(first);
  });

  it('shows the newest page whole when only a few entries are newer', async () => {
    const { app, caller } = await withAdmin();
    await addAuditEntries(app, AUDIT_PAGE_SIZE + 3);
    const newest = await caller.audit.list();
    const { seq } = await readHead(app.db.read);
    expect(await caller.audit.list({ after: seq - 2 })).toEqual(newest);
  });

  it('refuses cursor and after together, and numbers that are none', async () => {
    const { caller } = await withAdmin();
    expect(await reasonOf(caller.audit.list({ cursor: 3, after: 2 }))).toBe('invalid-input');
    expect(await reasonOf(caller.audit.list({ cursor: 0 }))).toBe('invalid-input');
    expect(await reasonOf(caller.audit.list({ cursor: 1.5 }))).toBe('invalid-input');
  });

  it('shows the details read, with every column, and words for the ids it speaks of', async () => {
    const { app, admin, caller } = await withAdmin();
    const tool = await addTool(app, { slug: 'openai-x', displayName: 'OpenAI X' });
    const member = await addUser(app);
    const { key } = (await callerAs(app, member.id).keys.request({
      tool: 'openai-x',
      environment: 'staging',
      purpose: 'to see it listed',
    })) as { key: { id: string; prefix: string } };
    await caller.keys.revoke({ keyId: key.id, reason: 'it leaked' });
    const [revoked, issued] = (await caller.audit.list()).entries;
    expect(revoked).toMatchObject({
      action: 'key.revoked',
      actorId: admin.id,
      actorEmail: admin.email,
      subject: `key:${key.id}`,
      keyId: key.id,
      toolId: tool.id,
      details: { reason: 'it leaked', environment: 'staging', purpose: 'to see it listed' },
    });
    expect(issued).toMatchObject({ action: 'key.issued', details: { purpose: 'to see it listed' } });
    expect((await caller.audit.list()).names).toMatchObject({
      [key.id]: key.prefix,
      [tool.id]: 'OpenAI X',
      [admin.id]: admin.email,
      [member.id]: member.email,
    });
  });

  it('shows an entry whose details were made unreadable, as they are', async () => {
    const { app, caller } = await withAdmin();
    await addAuditEntries(app, 1);
    const { seq } = await readHead(app.db.read);
    tamper(app, `update audit_entries set details = '{"purpose":' where seq = ?`, seq);
    const [entry] = (await caller.audit.list()).entries;
    expect(entry?.details).toEqual({ unreadable: '{"purpose":' });
    const [stored] = (await allAuditEntries(app)).slice(-1);
    if (stored) expect(toAuditView({ ...stored, details: '7' }).details).toEqual({ unreadable: '7' });
  });
});

describe('the filters of audit.list', () => {
  async function withFilterable() {
    const { app, caller } = await withAdmin();
    const [one, other] = [await addUser(app), await addUser(app)];
    const tool = await addTool(app, { slug: 'filtered' });
    const { key } = (await callerAs(app, one.id).keys.request({
      tool: 'filtered',
      environment: 'development',
      purpose: 'filtering',
    })) as { key: { id: string; prefix: string } };
    await addAuditEntries(app, 120, (index) => ({
      at: 1_000 * (index + 1),
      by: index % 3 === 0 ? actorOf(one) : index % 3 === 1 ? actorOf(other) : SYSTEM,
      toolId: index % 2 === 0 ? tool.id : undefined,
      keyId: index % 60 === 0 ? key.id : undefined,
    }));
    return { app, caller, one, other, tool, key };
  }

  it.each([
    'actor by e-mail',
    'actor by id',
    'action',
    'tool by slug',
    'tool by id',
    'key by id',
    'key by prefix',
  ])('finds every entry of its %s, and no other', async (which) => {
    const { app, caller, one, tool, key } = await withFilterable();
    const all = await allAuditEntries(app);
    const [filters, matches]: [NonNullable<AuditListInput>, (entry: (typeof all)[number]) => boolean] = {
      'actor by e-mail': [{ actor: one.email.toUpperCase() }, matching({ actorEmail: one.email })],
      'actor by id': [{ actor: one.id }, matching({ actorId: one.id })],
      action: [{ action: 'key.revealed' }, matching({ action: 'key.revealed' })],
      'tool by slug': [{ tool: 'filtered' }, matching({ toolId: tool.id })],
      'tool by id': [{ tool: tool.id }, matching({ toolId: tool.id })],
      'key by id': [{ key: key.id }, matching({ keyId: key.id })],
      'key by prefix': [{ key: key.prefix }, matching({ keyId: key.id })],
    }[which] as [NonNullable<AuditListInput>, (entry: (typeof all)[number]) => boolean];
    const expected = all.filter(matches).map(({ seq }) => seq);
    expect(expected.length).toBeGreaterThan(1);
    expect(await readAll(caller, filters)).toEqual(expected.reverse());
  });

  it('narrows by all filters together', async () => {
    const { app, caller, one, tool, key } = await withFilterable();
    const expected = (await allAuditEntries(app))
      .filter(matching({ actorId: one.id, toolId: tool.id, keyId: key.id, action: 'key.requested' }))
      .map(({ seq }) => seq);
    expect(expected).toHaveLength(2);
    const filters = { actor: one.id, tool: 'filtered', key: key.prefix, action: 'key.requested' } as const;
    expect(await readAll(caller, filters)).toEqual(expected.reverse());
    expect(await readAll(caller, { ...filters, to: 999 })).toEqual([]);
  });

  it('takes both ends of a time range in, pages through it both ways, and orders it by time', async () => {
    const { app, caller } = await withFilterable();
    // A clock that was set back: the last entry's time lies in the middle of the range.
    await addAuditEntries(app, 1, () => ({ at: 50_500 }));
    const inRange = (await allAuditEntries(app)).filter(({ at }) => at >= 10_000 && at <= 90_000);
    const expected = inRange.sort((a, b) => b.at - a.at || b.seq - a.seq).map(({ seq }) => seq);
    expect(await readAll(caller, { from: 10_000, to: 90_000 })).toEqual(expected);

    const first = await caller.audit.list({ from: 10_000, to: 90_000 });
    const second = await caller.audit.list({ from: 10_000, to: 90_000, cursor: first.nextCursor ?? 0 });
    expect(second.nextCursor).toBeNull();
    expect(await caller.audit.list({ from: 10_000, to: 90_000, after: second.newerCursor ?? 0 })).toEqual(
      first,
    );
  });

  it('begins at the range’s edge when the cursor lies outside it', async () => {
    const { app, caller } = await withFilterable();
    const { seq } = await readHead(app.db.read);
    const range = { from: 10_000, to: 20_000 };
    const whole = await caller.audit.list(range);
    expect(whole.entries).toHaveLength(11);
    expect((await caller.audit.list({ ...range, cursor: seq })).entries).toEqual(whole.entries);
    const before = (await allAuditEntries(app)).find(({ at }) => at < range.from)?.seq ?? 0;
    expect((await caller.audit.list({ ...range, after: before })).entries).toEqual(whole.entries);
    expect((await caller.audit.list({ ...range, cursor: before })).entries).toEqual([]);
  });

  it('finds nothing for an actor, a tool or a key that is not there', async () => {
    const { caller } = await withFilterable();
    for (const filters of [
      { actor: 'nobody@example.com' },
      { tool: 'nothing' },
      { key: 'aik_dev_zzzzzz' },
      { key: 'key_00000000000000000000' },
    ]) {
      expect(await caller.audit.list(filters)).toEqual({
        entries: [],
        nextCursor: null,
        newerCursor: null,
        names: {},
      });
    }
  });

  it('refuses a raw key, which is longer than any prefix, and actions that there are not', async () => {
    const { caller } = await withAdmin();
    expect(await reasonOf(caller.audit.list({ key: `aik_dev_${'a'.repeat(38)}` }))).toBe('invalid-input');
    expect(await reasonOf(caller.audit.list({ action: 'key.eaten' as 'key.issued' }))).toBe('invalid-input');
  });
});

describe('the cost of audit.list', () => {
  const filters: [string, NonNullable<AuditListInput>][] = [
    ['no filter', {}],
    ['an actor’s e-mail', { actor: 'a@example.com' }],
    ['an actor’s id', { actor: 'usr_1' }],
    ['an action', { action: 'key.issued' }],
    ['a tool', { tool: 'echo' }],
    ['a key', { key: 'key_1' }],
    ['a key and all else', { key: 'key_1', tool: 'echo', action: 'key.issued', actor: 'usr_1', to: 9 }],
    ['a time on', { from: 5 }],
    ['a time until', { to: 5_000 }],
    ['a time range', { from: 5, to: 5_000 }],
  ];

  it.each(filters)('finds and orders pages by an index alone, with %s', async (_what, given) => {
    const { app, caller } = await withAdmin();
    await addAuditEntries(app, 5);
    for (const place of [{}, { cursor: 4 }, { after: 2 }]) {
      const plans = await plansOf(app, () => caller.audit.list({ ...given, ...place }));
      expect(plans.length).toBeGreaterThan(0);
      for (const plan of plans) {
        expect(plan).toMatch(/^SEARCH audit_entries USING|^SCAN audit_entries( USING INDEX audit_at)?$/);
        expect(plan).not.toContain('TEMP B-TREE');
      }
    }
  });

  /** How SQLite goes about each query on the trail that `work` makes; a bare scan is by number. */
  async function plansOf(app: App, work: () => Promise<unknown>): Promise<string[]> {
    const { read, write } = app.db.connections;
    const prepared = vi.spyOn(read, 'prepare');
    await work();
    const statements = prepared.mock.calls.map(([sql]) => sql);
    prepared.mockRestore();
    return statements
      .filter((sql) => sql.includes('from "audit_entries"'))
      .map((sql) => {
        const steps = write.prepare<unknown[], { detail: string }>(`explain query plan ${sql}`);
        const values = Array.from(sql.matchAll(/\?/g), () => 1);
        return steps
          .all(...values)
          .map(({ detail }) => detail)
          .join('\n');
      });
  }
});

function matching(wanted: Record<string, string>) {
  return (entry: Record<string, unknown>) =>
    Object.entries(wanted).every(([column, value]) => entry[column] === value);
}
