import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatHead } from '~/audit/audit.schema';
import { readAuditExport } from '~/audit/read-export.server';
import { readHead } from '~/audit/record.server';
import { verifyChain } from '~/audit/verify-chain.server';
import { readAuditParams } from '~/ui/audit/read-audit-params.server';
import { callerAs, reasonOf, temporaryFolder, testApp } from '../helpers/app';
import { actorOf, addAuditEntries, allAuditEntries } from '../helpers/audit';
import { addUser } from '../helpers/factories';

async function withAdmin() {
  const app = await testApp();
  const admin = await addUser(app, 'admin');
  return { app, admin, caller: callerAs(app, admin.id) };
}

async function textOf(lines: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const part of lines) text += part;
  return text;
}

describe('audit.export', () => {
  it('exports every column of every entry, oldest first, so that the file can be verified', async () => {
    const { app, caller } = await withAdmin();
    await addAuditEntries(app, 1_200, (index) => ({
      details: { reason: `line one\nline two\u2028${index}` },
    }));
    const head = await readHead(app.db.read);
    const file = join(temporaryFolder(), 'export.ndjson');
    writeFileSync(file, await textOf(await caller.audit.export({})));
    expect(await verifyChain(readAuditExport(file), head)).toEqual({ ok: true, head });
    const entries = [];
    for await (const batch of readAuditExport(file)) entries.push(...batch);
    expect(entries).toEqual((await allAuditEntries(app)).slice(0, head.seq));
  });

  it('exports only entries that match all filters', async () => {
    const { app, admin, caller } = await withAdmin();
    await addAuditEntries(app, 1_500, (index) => (index % 700 === 0 ? { by: actorOf(admin) } : {}));
    const text = await textOf(await caller.audit.export({ actor: admin.email, action: 'key.requested' }));
    const lines = text.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual(
      (await allAuditEntries(app)).filter(
        ({ actorId, action }) => actorId === admin.id && action === 'key.requested',
      ),
    );
    expect(lines).toHaveLength(3);
    expect(await textOf(await caller.audit.export({ tool: 'nothing' }))).toBe('');
  });

  it('is recorded with its filters, and ends at the head before that entry', async () => {
    const { app, admin, caller } = await withAdmin();
    await addAuditEntries(app, 3);
    const before = await readHead(app.db.read);
    const lines = await caller.audit.export({ action: 'key.requested', from: 5 });
    await addAuditEntries(app, 3);
    expect(await textOf(lines)).not.toContain(`"seq":${before.seq + 1},`);
    expect((await allAuditEntries(app))[before.seq]).toMatchObject({
      actorId: admin.id,
      action: 'audit.exported',
      subject: 'audit:trail',
      details: `{"action":"key.requested","from":5,"through":${before.seq}}`,
    });
  });
});

describe('audit.head and audit.verify', () => {
  it('return the head and the verdict', async () => {
    const { app, caller } = await withAdmin();
    await addAuditEntries(app, 3);
    const head = await readHead(app.db.read);
    expect(await caller.audit.head()).toEqual(head);
    const verdict = { ok: true, head };
    expect(await caller.audit.verify()).toEqual(verdict);
    expect(await caller.audit.verify({ head: formatHead(head) })).toEqual(verdict);
    expect(await caller.audit.verify({ head: '' })).toEqual(verdict);
    expect(await reasonOf(caller.audit.verify({ head: 'seven' }))).toBe('invalid-input');
  });
});

describe('the URL of the audit page', () => {
  const read = (query: string) => readAuditParams(new URLSearchParams(query));

  it('reads times as UTC, from the first to the last millisecond of the given day or minute', () => {
    expect(read('from=2026-11-07&to=2026-11-07').filters).toEqual({
      from: Date.UTC(2026, 10, 7),
      to: Date.UTC(2026, 10, 8) - 1,
    });
    expect(read('from=2026-11-07T14:03&to=2026-11-07T14:03').filters).toEqual({
      from: Date.UTC(2026, 10, 7, 14, 3),
      to: Date.UTC(2026, 10, 7, 14, 4) - 1,
    });
    expect(read('to=2026-11-07T14:03:09').filters).toEqual({ to: Date.UTC(2026, 10, 7, 14, 3, 10) - 1 });
  });

  it('ignores empty fields and returns errors for invalid ones', () => {
    expect(read('actor=&from=&key=%20')).toEqual({ filters: {}, errors: {}, position: {} });
    const { filters, errors, position } = read(
      `actor=ada&action=key.eaten&from=yesterday&to=2026-13-40&key=${'x'.repeat(60)}&cursor=-1&after=x`,
    );
    expect(filters).toEqual({ actor: 'ada' });
    expect(Object.keys(errors).sort()).toEqual(['action', 'from', 'key', 'to']);
    expect(position).toEqual({});
  });
});
