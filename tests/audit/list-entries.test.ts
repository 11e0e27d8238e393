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

/** The numbers of all entries that match the filters, read page by page. */
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
  it('pages through all entries, newest first', async () => {
    const { app, caller } = await withAdmin();
    await addAuditEntries(app, 2 * AUDIT_PAGE_SIZE + 7);
    const { seq } = await readHead(app.db.read);
    const first = await caller.audit.list();
    expect(first.entries).toHaveLength(AUDIT_PAGE_SIZE);
    expect(first.newerCursor).toBeNull();
    expect(await readAll(caller, {})).toEqual(Array.from({ length: seq }, (_, index) => seq - index));
  });

  it('pages back from an older page to the newest', async () => {
    const { app, caller } = await withAdmin();
    await addAuditEntries(app, 3 * AUDIT_PAGE_SIZE);
    const first = await caller.audit.list();
    const second = await caller.audit.list({ cursor: first.nextCursor ?? 0 });
    const third = await caller.audit.list({ cursor: second.nextCursor ?? 0 });
    const back = await caller.audit.list({ after: third.newerCursor ?? 0 });
    expect(back).toEqual(second);
    expect(await caller.audit.list({ after: back.newerCursor ?? 0 })).toEqual(first);
  });

  it('returns the full newest page when only a few entries are newer', async () => {
    const { app, caller } = await withAdmin();
    await addAuditEntries(app, AUDIT_PAGE_SIZE + 3);
    const newest = await caller.audit.list();
    const { seq } = await readHead(app.db.read);
    expect(await caller.audit.list({ after: seq - 2 })).toEqual(newest);
  });

  it.each<[string, Record<string, unknown>]>([
    ['cursor and after together', { cursor: 3, after: 2 }],
    ['a cursor of 0', { cursor: 0 }],
    ['a fractional cursor', { cursor: 1.5 }],
    ['a raw key', { key: `aik_dev_${'a'.repeat(38)}` }],
    ['an unknown action', { action: 'key.eaten' }],
  ])('rejects %s', async (_what, input) => {
    const { caller } = await withAdmin();
    expect(await reasonOf(caller.audit.list(input))).toBe('invalid-input');
  });

  it('returns parsed details and names for the ids in an entry', async () => {
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

  it('returns details that can’t be parsed as they are', async () => {
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
      by: [actorOf(one), actorOf(other), SYSTEM][index % 3],
      toolId: index % 2 === 0 ? tool.id : undefined,
      keyId: index % 60 === 0 ? key.id : undefined,
    }));
    return { app, caller, one, other, tool, key };
  }

  type Context = Awaited<ReturnType<typeof withFilterable>>;

  it.each<[string, (context: Context) => [AuditListInput, Record<string, string>]]>([
    ['actor by email', ({ one }) => [{ actor: one.email.toUpperCase() }, { actorEmail: one.email }]],
    ['actor by id', ({ one }) => [{ actor: one.id }, { actorId: one.id }]],
    ['action', () => [{ action: 'key.revealed' }, { action: 'key.revealed' }]],
    ['tool by slug', ({ tool }) => [{ tool: 'filtered' }, { toolId: tool.id }]],
    ['tool by id', ({ tool }) => [{ tool: tool.id }, { toolId: tool.id }]],
    ['key by id', ({ key }) => [{ key: key.id }, { keyId: key.id }]],
    ['key by prefix', ({ key }) => [{ key: key.prefix }, { keyId: key.id }]],
  ])('returns exactly the entries with its %s', async (_which, caseOf) => {
    const context = await withFilterable();
    const [filters, wanted] = caseOf(context);
    const expected = (await allAuditEntries(context.app)).filter(matching(wanted)).map(({ seq }) => seq);
    expect(expected.length).toBeGreaterThan(1);
    expect(await readAll(context.caller, filters ?? {})).toEqual(expected.reverse());
  });

  it('combines all filters', async () => {
    const { app, caller, one, tool, key } = await withFilterable();
    const expected = (await allAuditEntries(app))
      .filter(matching({ actorId: one.id, toolId: tool.id, keyId: key.id, action: 'key.requested' }))
      .map(({ seq }) => seq);
    expect(expected).toHaveLength(2);
    const filters = { actor: one.id, tool: 'filtered', key: key.prefix, action: 'key.requested' } as const;
    expect(await readAll(caller, filters)).toEqual(expected.reverse());
    expect(await readAll(caller, { ...filters, to: 999 })).toEqual([]);
  });

  it('includes both ends of a time range, sorts it by time and pages in both directions', async () => {
    const { app, caller } = await withFilterable();
    // The clock was set back: the last entry's time is in the middle of the range.
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

  it('starts at the edge of the range when the cursor is outside', async () => {
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

  it('returns nothing for an unknown actor, tool or key', async () => {
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
});

describe('the query plan of audit.list', () => {
  const filters: [string, NonNullable<AuditListInput>][] = [
    ['no filter', {}],
    ['an actor’s email', { actor: 'a@example.com' }],
    ['an actor’s id', { actor: 'usr_1' }],
    ['an action', { action: 'key.issued' }],
    ['a tool', { tool: 'echo' }],
    ['a key', { key: 'key_1' }],
    ['a key and other filters', { key: 'key_1', tool: 'echo', action: 'key.issued', actor: 'usr_1', to: 9 }],
    ['a start time', { from: 5 }],
    ['an end time', { to: 5_000 }],
    ['a time range', { from: 5, to: 5_000 }],
  ];

  it.each(filters)('uses an index to filter and sort, with %s', async (_what, input) => {
    const { app, caller } = await withAdmin();
    await addAuditEntries(app, 5);
    for (const place of [{}, { cursor: 4 }, { after: 2 }]) {
      const plans = await plansOf(app, () => caller.audit.list({ ...input, ...place }));
      expect(plans.length).toBeGreaterThan(0);
      for (const plan of plans) {
        expect(plan).toMatch(/^SEARCH audit_entries USING|^SCAN audit_entries( USING INDEX audit_at)?$/);
        expect(plan).not.toContain('TEMP B-TREE');
      }
    }
  });

  /** SQLite's plan of each query on the trail that `work` runs. A plain scan is in order of `seq`. */
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
