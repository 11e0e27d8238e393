import { and } from 'drizzle-orm';
import type { AppContext } from '~/app-context.server';
import type { AuditFilters } from './audit.schema';
import { filterConditions } from './list-entries.server';
import { readBatches } from './read-batches.server';
import { toExportLine } from './read-export.server';
import { type Actor, readHead, record } from './record.server';

/**
 * The trail, or the entries that match the filters, as NDJSON, oldest first, a few hundred lines at a time
 * and read as they are asked for. Ends where the trail ended when it was called; that it was called is
 * recorded before the first line.
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
  return lines(app, filters, through);
}

async function* lines({ db }: Pick<AppContext, 'db'>, filters: AuditFilters, through: number) {
  const conditions = await filterConditions(db.read, filters);
  if (conditions === null) return;
  for await (const batch of readBatches(db.read, through, and(...conditions))) {
    yield batch.map(toExportLine).join('');
  }
}
