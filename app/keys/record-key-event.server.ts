import type { AppContext } from '~/app-context.server';
import type { AuditAction } from '~/audit/audit-actions';
import { type AuditEvent, record } from '~/audit/record.server';
import { ok, type Result } from '~/core/result';
import type { Queries } from '~db/database';
import type { KeyView } from './keys.schema';
import { holderIdOf, type KeyRow, toKeyView } from './select-keys.server';

/** Writes the audit entry of a change to a key, in the change's transaction. Adds what every such entry has. */
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

/**
 * Notifies pages and the gateway. Call it after the commit and before the response is sent: a client that was told that a
 * key is revoked must not get another call through with it.
 */
export function announceKey({ events }: Pick<AppContext, 'events'>, row: KeyRow): void {
  events.emit('key-changed', {
    keyId: row.id,
    holderId: holderIdOf(row),
    toolId: row.toolId,
    status: row.status,
  });
}

/** Announces a change that succeeded, and returns the key's view; returns an error as it is. */
export function announceKeyResult(app: Pick<AppContext, 'events'>, result: Result<KeyRow>): Result<KeyView> {
  if (!result.ok) return result;
  announceKey(app, result.value);
  return ok(toKeyView(result.value));
}
