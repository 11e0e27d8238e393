import { and, eq } from 'drizzle-orm';
import { type Actor, record } from '~/audit/audit.server';
import type { Queries } from '~db/client.server';
import { keys, requests } from '~db/schema';
import { type KeyRow, mustFindKey } from './key-view.server';

/**
 * Ends every live key of a holder who may hold none any more: active ones are revoked, pending requests
 * withdrawn, each with its own audit entry, in the caller's transaction.
 *
 * @returns the keys as they are now, for the caller to announce after the commit.
 */
export async function endKeysOf(
  tx: Queries,
  { at, by, holderId, reason }: { at: number; by: Actor; holderId: string; reason: string },
): Promise<KeyRow[]> {
  const end = (from: 'ACTIVE' | 'PENDING') =>
    tx
      .update(keys)
      .set({ status: 'REVOKED', revokedAt: at, revokedBy: by.id, revocationReason: reason })
      .where(and(eq(keys.holderId, holderId), eq(keys.status, from)))
      .returning({ id: keys.id, requestId: keys.requestId });

  const rows: KeyRow[] = [];
  for (const from of ['ACTIVE', 'PENDING'] as const) {
    for (const { id, requestId } of await end(from)) {
      if (from === 'PENDING') {
        await tx
          .update(requests)
          .set({ decision: 'withdrawn', decidedAt: at, decidedBy: by.id, reason })
          .where(eq(requests.id, requestId));
      }
      const row = await mustFindKey(tx, id);
      await record(tx, {
        at,
        by,
        action: from === 'ACTIVE' ? 'key.revoked' : 'key.withdrawn',
        subject: `key:${id}`,
        keyId: id,
        toolId: row.toolId,
        details: {
          tool: row.slug,
          environment: row.environment,
          purpose: row.purpose,
          prefix: row.prefix ?? undefined,
          reason,
          holder: holderId,
        },
      });
      rows.push(row);
    }
  }
  return rows;
}
