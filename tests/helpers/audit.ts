import { asc, eq } from 'drizzle-orm';
import type { AuditAction } from '~/audit/audit-actions';
import { readBatches } from '~/audit/read-batches.server';
import { type Actor, type AuditEntry, record, SYSTEM } from '~/audit/record.server';
import type { App } from '~/server/create-app.server';
import { auditEntries } from '~db/schema';
import { TEST_ORIGIN } from './app';

/** A user as the actor of audit entries. */
export const actorOf = (user: Pick<Actor, 'id' | 'email' | 'name' | 'role'>): Actor => ({
  ...user,
  ...TEST_ORIGIN,
  address: '192.0.2.7',
});

/** Records entries of several actions about different keys, one per second from time 1,000 on. */
export async function addAuditEntries(
  app: App,
  amount: number,
  entryOf: (index: number) => Partial<Parameters<typeof record>[1]> = () => ({}),
): Promise<void> {
  const actions: AuditAction[] = ['key.requested', 'key.approved', 'key.revealed', 'key.revoked'];
  await app.db.write(async (tx) => {
    for (let index = 0; index < amount; index++) {
      await record(tx, {
        at: 1_000 * (index + 1),
        by: SYSTEM,
        action: actions[index % actions.length] ?? 'key.issued',
        subject: `key:key_${index}`,
        details: { purpose: `purpose ${index}`, environment: 'production' },
        ...entryOf(index),
      });
    }
  });
}

/** Every audit entry, oldest first. */
export async function allAuditEntries(app: App): Promise<AuditEntry[]> {
  const entries: AuditEntry[] = [];
  for await (const batch of readBatches(app.db.read, Number.MAX_SAFE_INTEGER)) entries.push(...batch);
  return entries;
}

/** The audit entries of one action, oldest first, with their details parsed. */
export async function auditEntriesOf(app: App, action: AuditAction) {
  const rows = await app.db.read
    .select()
    .from(auditEntries)
    .where(eq(auditEntries.action, action))
    .orderBy(asc(auditEntries.seq));
  return rows.map((row) => ({ ...row, details: JSON.parse(row.details) as Record<string, unknown> }));
}

/** Action, actor and details of the audit entries about one key, oldest first. */
export async function keyTrail(app: App, keyId: string) {
  const { action, actorEmail, details } = auditEntries;
  const rows = await app.db.read
    .select({ action, actorEmail, details })
    .from(auditEntries)
    .where(eq(auditEntries.keyId, keyId))
    .orderBy(asc(auditEntries.seq));
  return rows.map((row) => ({ ...row, details: JSON.parse(row.details) }));
}

/** Changes the trail as an attacker with write access to the database file can: without its triggers. */
export function tamper(app: App, sql: string, ...values: unknown[]): void {
  const { write } = app.db.connections;
  const triggers = write
    .prepare<[], { name: string; sql: string }>(
      "select name, sql from sqlite_master where type = 'trigger' and tbl_name = 'audit_entries'",
    )
    .all();
  for (const { name } of triggers) write.exec(`drop trigger ${name}`);
  write.prepare(sql).run(...values);
  for (const trigger of triggers) write.exec(trigger.sql);
}
