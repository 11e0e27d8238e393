import { and } from 'drizzle-orm';
import type { App } from '~/app-context.server';
import type { AuditFilters } from './audit.schema';
import { type Actor, readHead, record } from './record.server';
import { toLine } from './read-export.server';
import { conditionsFor } from './list-entries.server';
import { walkTrail } from './read-batches.server';

/**
 * The trail, or the entries that match the filters, as NDJSON, oldest first, a few hundred lines at a time
 * and read as they are asked for. Ends where the trail ended when it was called; that it was called is
 * recorded before the first line.
 */
export async function exportAudit(
  app: Pick<App, 'db' | 'now'>,
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

async function* lines({ db }: Pick<App, 'db'>, filters: AuditFilters, through: number) {
  const conditions = await conditionsFor(db.read, filters);
  if (conditions === null) return;
  for await (const batch of walkTrail(db.read, through, and(...conditions))) {
    yield batch.map(toLine).join('');
  }
}
