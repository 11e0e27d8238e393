import type { AppContext } from '~/app-context.server';
import type { AuditAction } from '~/audit/audit-actions';
import { type AuditEvent, record } from '~/audit/record.server';
import type { Queries } from '~db/database';
import { holderOf, type KeyRow } from './select-keys.server';

/**
 * Writes what happened to a key onto the audit trail, in the transaction of the change: always with tool,
 * environment and purpose, and with the prefix once there is one.
 */
export function recordKeyEvent(
  tx: Queries,
  event: {
    at: number;
    by: AuditEvent['by'];
    action: AuditAction & `key.${string}`;
    row: KeyRow;
    details?: AuditEvent['details'];
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
export function announceKey({ events }: Pick<AppContext, 'events'>, row: KeyRow): void {
  events.emit('key-changed', {
    keyId: row.id,
    holderId: holderOf(row),
    toolId: row.toolId,
    status: row.status,
  });
}
