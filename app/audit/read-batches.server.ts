import { setImmediate } from 'node:timers/promises';
import { and, asc, gt, lte, type SQL } from 'drizzle-orm';
import type { Queries } from '~db/database';
import { auditEntries } from '~db/schema';
import type { AuditEntry } from './record.server';

/** How many entries are looked at between two turns of the event loop: a few milliseconds' work. */
const BATCH_SIZE = 500;

/**
 * Every entry up to and including number `through`, oldest first, in batches; those that match `where`,
 * if given. Takes constant memory and lets other requests in between, however long the trail and rare the match.
 */
export async function* readBatches(
  queries: Queries,
  through: number,
  where?: SQL,
): AsyncGenerator<AuditEntry[], void, undefined> {
  const { seq } = auditEntries;
  for (let after: number | null = null; ; ) {
    const beyond: SQL | undefined = after === null ? undefined : gt(seq, after);
    // Entry numbers are not counted on: a trail that somebody tampered with may have any.
    const [edge] = await queries
      .select({ seq })
      .from(auditEntries)
      .where(and(beyond, lte(seq, through)))
      .orderBy(asc(seq))
      .limit(1)
      .offset(BATCH_SIZE - 1);
    const last: number = edge?.seq ?? through;
    const batch = await queries
      .select()
      .from(auditEntries)
      .where(and(beyond, lte(seq, last), where))
      .orderBy(asc(seq));
    if (batch.length > 0) yield batch;
    if (edge === undefined) return;
    after = last;
    await setImmediate();
  }
}
