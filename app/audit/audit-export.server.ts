import { and } from 'drizzle-orm';
import type { AppContext } from '~/app-context.server';
import type { AuditFilters } from './audit.schema';
import { filterConditions } from './list-entries.server';
import { readBatches } from './read-batches.server';
import { toExportLine } from './read-export.server';
import { type Actor, readHead, record } from './record.server';

/**
 * Exports the entries that match the filters as NDJSON, oldest first. Reads them in batches as the consumer asks for
 * them, up to the head at the time of the call. Records the export before returning.
 */
export async function exportAudit(
  app: Pick<AppContext, 'db' | 'now'>,
  actor: Actor,
  filters: AuditFilters,
): Promise<AsyncGenerator<string, void, undefined>> {
  const through = await app.db.write(async (tx) => {
    const head = await readHead(tx);
    await record(tx, {
      at: app.now(),
      by: actor,
      action: 'audit.exported',
      subject: 'audit:trail',
      details: { ...filters, through: head.seq },
    });
    return head.seq;
  });
  return exportLines(app, filters, through);
}

async function* exportLines({ db }: Pick<AppContext, 'db'>, filters: AuditFilters, through: number) {
  const conditions = await filterConditions(db.read, filters);
  if (conditions === null) return;
  for await (const batch of readBatches(db.read, through, and(...conditions))) {
    yield batch.map(toExportLine).join('');
  }
}
