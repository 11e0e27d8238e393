import { setImmediate } from 'node:timers/promises';
import { and, asc, gt, lte, type SQL } from 'drizzle-orm';
import type { Queries } from '~db/database';
import { auditEntries } from '~db/schema';
import type { AuditEntry } from './record.server';

/** Entries read between two turns of the event loop: a few milliseconds of work. */
const BATCH_SIZE = 500;

/**
 * Reads all entries up to and including number `through`, oldest first, in batches; only those matching `where`, if
 * given. Uses constant memory and lets other requests run in between, even when few of many entries match.
 */
export async function* readBatches(
  queries: Queries,
  through: number,
  where?: SQL,
): AsyncGenerator<AuditEntry[], void, undefined> {
  const { seq } = auditEntries;
  for (let after: number | null = null; ; ) {
    const isAfter: SQL | undefined = after === null ? undefined : gt(seq, after);
    // Don't compute the batch's last number: in a trail that was tampered with, numbers may have any value.
    const [edge] = await queries
      .select({ seq })
      .from(auditEntries)
      .where(and(isAfter, lte(seq, through)))
      .orderBy(asc(seq))
      .limit(1)
      .offset(BATCH_SIZE - 1);
    const last: number = edge?.seq ?? through;
    const batch = await queries
      .select()
      .from(auditEntries)
      .where(and(isAfter, lte(seq, last), where))
      .orderBy(asc(seq));
    if (batch.length > 0) yield batch;
    if (edge === undefined) return;
    after = last;
    await setImmediate();
  }
}
