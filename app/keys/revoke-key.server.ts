import { and, eq, type SQL } from 'drizzle-orm';
import type { ChangeContext } from '~/app-context.server';
import type { Actor } from '~/audit/record.server';
import { err, ok, type Result } from '~/core/result';
import type { Queries } from '~db/database';
import { keys, requests } from '~db/schema';
import { transitionAllowed } from './key-conditions.server';
import { LIVE_STATUSES, transitions } from './key-state-machine';
import type { KeyView } from './keys.schema';
import { announceKeyResult, recordKeyEvent } from './record-key-event.server';
import { findKey, holderIdOf, type KeyRow, mustFindKey } from './select-keys.server';

/** Withdraws the actor's own pending request. Errors: key-not-found (also another holder's key), not-pending. */
export async function withdrawKey(app: ChangeContext, actor: Actor, id: string): Promise<Result<KeyView>> {
  const at = app.now();
  const outcome = await app.db.write(async (tx): Promise<Result<KeyRow>> => {
    const [updated] = await tx
      .update(keys)
      .set(revocation(at, actor))
      .where(and(eq(keys.id, id), eq(keys.holderId, actor.id), transitionAllowed('withdraw')))
      .returning({ requestId: keys.requestId });
    if (updated === undefined) {
      const row = await findKey(tx, id, eq(keys.holderId, actor.id));
      return row === null ? err('key-not-found') : err('not-pending', { status: row.status });
    }
    await closeRequest(tx, updated.requestId, at, actor);
    const row = await mustFindKey(tx, id);
    await recordKeyEvent(tx, { at, by: actor, action: 'key.withdrawn', row });
    return ok(row);
  });
  return announceKeyResult(app, outcome);
}

/**
 * Revokes an active key: its holder, or an admin with a reason. The gateway refuses it before this returns.
 *
 * Errors: key-not-found (also a member, for another holder's key), reason-required, not-active.
 */
export async function revokeKey(
  app: ChangeContext,
  actor: Actor,
  id: string,
  reason?: string,
): Promise<Result<KeyView>> {
  const at = app.now();
  const visible = actor.role === 'admin' ? [] : [eq(keys.holderId, actor.id)];
  const outcome = await app.db.write(async (tx): Promise<Result<KeyRow>> => {
    const before = await findKey(tx, id, ...visible);
    if (before === null) return err('key-not-found');
    if (before.holderId !== actor.id && reason === undefined) return err('reason-required');
    const [updated] = await tx
      .update(keys)
      .set(revocation(at, actor, reason))
      .where(and(eq(keys.id, id), transitionAllowed('revoke'), ...visible))
      .returning({ id: keys.id });
    if (updated === undefined) return err('not-active', { status: before.status });
    const row = await mustFindKey(tx, id);
    const details = { reason, holder: holderIdOf(row) };
    await recordKeyEvent(tx, { at, by: actor, action: 'key.revoked', row, details });
    return ok(row);
  });
  return announceKeyResult(app, outcome);
}

/**
 * Revokes the active keys and withdraws the pending requests of a holder who is being disabled, in the caller's
 * transaction, with an audit entry for each.
 *
 * @param holder the condition on `keys` that selects this user's or service account's keys.
 * @returns the changed keys, which the caller announces after the commit.
 */
export async function revokeHolderKeys(
  tx: Queries,
  { at, by, holder, reason }: { at: number; by: Actor; holder: SQL; reason: string },
): Promise<KeyRow[]> {
  const rows: KeyRow[] = [];
  for (const status of LIVE_STATUSES) {
    const updated = await tx
      .update(keys)
      .set(revocation(at, by, reason))
      .where(and(holder, eq(keys.status, status)))
      .returning({ id: keys.id, requestId: keys.requestId });
    for (const { id, requestId } of updated) {
      if (status === 'PENDING') await closeRequest(tx, requestId, at, by, reason);
      const row = await mustFindKey(tx, id);
      const action = status === 'PENDING' ? 'key.withdrawn' : 'key.revoked';
      await recordKeyEvent(tx, { at, by, action, row, details: { reason, holder: holderIdOf(row) } });
      rows.push(row);
    }
  }
  return rows;
}

const revocation = (at: number, by: Actor, reason: string | null = null) => ({
  status: transitions.revoke.to,
  revokedAt: at,
  revokedBy: by.id,
  revocationReason: reason,
});

async function closeRequest(
  tx: Queries,
  requestId: string,
  at: number,
  by: Actor,
  reason: string | null = null,
): Promise<void> {
  await tx
    .update(requests)
    .set({ decision: 'withdrawn', decidedAt: at, decidedBy: by.id, reason })
    .where(eq(requests.id, requestId));
}
