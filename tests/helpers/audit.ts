import { asc, eq } from 'drizzle-orm';
import type { AuditAction } from '~/audit/audit-actions';
import type { App } from '~/server/create-app.server';
import { auditEntries } from '~db/schema';

/** The audit entries of one kind, oldest first, with their details parsed. */
export async function entriesOf(app: App, action: AuditAction) {
  const rows = await app.db.read
    .select()
    .from(auditEntries)
    .where(eq(auditEntries.action, action))
    .orderBy(asc(auditEntries.seq));
  return rows.map((row) => ({ ...row, details: JSON.parse(row.details) as Record<string, unknown> }));
}
