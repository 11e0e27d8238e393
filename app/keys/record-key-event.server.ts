import type { App } from '~/app-context.server';
import { type Event, record } from '~/audit/record.server';
import type { AuditAction } from '~/audit/audit-actions';
import type { Queries } from '~db/sqlite/connection.server';
import { holderOf, type KeyRow } from './key-view.server';

/**
 * Writes what happened to a key onto the audit trail, in the transaction of the change: always with tool,
 * environment and purpose, and with the prefix once there is one.
 */
export function recordKey(
  tx: Queries,
  event: {
    at: number;
    by: Event['by'];
    action: AuditAction & `key.${string}`;
    row: KeyRow;
    details?: Event['details'];
  },
): Promise<void> {
  const { at, by, action, row, details } = event;
  return record(tx, {
    at,
    by,
    action,
    subject: `key:${row.id}`,
    keyId: row.id,
    toolId: row.toolId,
    details: {
      tool: row.slug,
      environment: row.environment,
      purpose: row.purpose,
      prefix: row.prefix ?? undefined,
      ...details,
    },
  });
}

/** Tells pages and gateway what the key has become: after the commit, before the answer. */
export function announce({ events }: Pick<App, 'events'>, row: KeyRow): void {
  events.emit('key-changed', {
    keyId: row.id,
    holderId: holderOf(row),
    toolId: row.toolId,
    status: row.status,
  });
}
