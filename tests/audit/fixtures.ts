import type { AuditAction } from '~/audit/audit-actions';
import { readBatches } from '~/audit/read-batches.server';
import { type Actor, type AuditEntry, record, SYSTEM } from '~/audit/record.server';
import type { App } from '~/server/create-app.server';

/** Entries of different actors, actions, keys and tools, one a second, beginning at `startAt`. */
export async function addEntries(
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

/** Every entry of the trail, oldest first. */
export async function allEntries(app: App): Promise<AuditEntry[]> {
  const entries: AuditEntry[] = [];
  for await (const batch of readBatches(app.db.read, Number.MAX_SAFE_INTEGER)) entries.push(...batch);
  return entries;
}

/** Runs SQL on the trail as somebody would who opened the database file and took its guards away first. */
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

export const actorOf = (user: { id: string; email: string; name: string; role: Actor['role'] }): Actor => ({
  ...user,
  address: '192.0.2.7',
  userAgent: 'tests',
  requestId: 'call_test',
});
