import { and, eq, type SQL } from 'drizzle-orm';
import type { AppContext } from '~/app-context.server';
import type { Actor } from '~/audit/record.server';
import { err, ok, type Result } from '~/core/result';
import type { Queries } from '~db/database';
import { keys, requests } from '~db/schema';
import { transitionAllowed } from './key-conditions.server';
import { LIVE_STATUSES, transitions } from './key-state-machine';
import type { KeyView } from './keys.schema';
import { announceKey, recordKeyEvent } from './record-key-event.server';
import { findKey, holderOf, type KeyRow, mustFindKey, toKeyView } from './select-keys.server';

type Needs = Pick<AppContext, 'db' | 'events' | 'now'>;

/** Takes a pending request back. Refuses: key-not-found (or not the actor's own), not-pending. */
export async function withdrawKey(app: Needs, actor: Actor, id: string): Promise<Result<KeyView>> {
  const at = app.now();
  const outcome = await app.db.write(async (tx): Promise<Result<KeyRow>> => {
    const [won] = await tx
      .update(keys)
      .set({ status: transitions.withdraw.to, revokedAt: at, revokedBy: actor.id })
      .where(and(eq(keys.id, id), eq(keys.holderId, actor.id), transitionAllowed('withdraw')))
      .returning({ requestId: keys.requestId });
    if (won === undefined) {
      const row = await findKey(tx, id, eq(keys.holderId, actor.id));
      return row === null ? err('key-not-found') : err('not-pending', { status: row.status });
    }
    await tx
      .update(requests)
      .set({ decision: 'withdrawn', decidedAt: at, decidedBy: actor.id })
      .where(eq(requests.id, won.requestId));
    const row = await mustFindKey(tx, id);
    await recordKeyEvent(tx, { at, by: actor, action: 'key.withdrawn', row });
    return ok(row);
  });
  if (!outcome.ok) return outcome;
  announceKey(app, outcome.value);
  return ok(toKeyView(outcome.value));
}

/**
 * Ends a key: its holder at will, an admin with a reason. It is refused at the gateway before this answers.
 *
 * Refuses: key-not-found (a member for another's key, too), reason-required, not-active.
 */
export async function revokeKey(
  app: Needs,
  actor: Actor,
  id: string,
  reason?: string,
): Promise<Result<KeyView>> {
  const at = app.now();
  const own = actor.role === 'admin' ? [] : [eq(keys.holderId, actor.id)];
  const outcome = await app.db.write(async (tx): Promise<Result<KeyRow>> => {
    const before = await findKey(tx, id, ...own);
    if (before === null) return err('key-not-found');
    if (before.holderId !== actor.id && reason === undefined) return err('reason-required');
    const [won] = await tx
      .update(keys)
      .set({
        status: transitions.revoke.to,
        revokedAt: at,
        revokedBy: actor.id,
        revocationReason: reason ?? null,
      })
      .where(and(eq(keys.id, id), transitionAllowed('revoke'), ...own))
      .returning({ id: keys.id });
    if (won === undefined) return err('not-active', { status: before.status });
    const row = await mustFindKey(tx, id);
    await recordKeyEvent(tx, {
      at,
      by: actor,
      action: 'key.revoked',
      row,
      details: { reason, holder: holderOf(row) },
    });
    return ok(row);
  });
  if (!outcome.ok) return outcome;
  announceKey(app, outcome.value);
  return ok(toKeyView(outcome.value));
}

/**
 * Ends every live key of a holder who may hold none any more: active ones are revoked, pending requests
 * withdrawn, each with its own audit entry, in the caller's transaction.
 *
 * @param holder the condition on `keys` that they are this person's, or this service account's.
 * @returns the keys as they are now, for the caller to announce after the commit.
 */
export async function revokeKeysOf(
  tx: Queries,
  { at, by, holder, reason }: { at: number; by: Actor; holder: SQL; reason: string },
): Promise<KeyRow[]> {
  const end = (from: (typeof LIVE_STATUSES)[number]) =>
    tx
      .update(keys)
      .set({ status: transitions.revoke.to, revokedAt: at, revokedBy: by.id, revocationReason: reason })
      .where(and(holder, eq(keys.status, from)))
      .returning({ id: keys.id, requestId: keys.requestId });

  const rows: KeyRow[] = [];
  for (const from of LIVE_STATUSES) {
    for (const { id, requestId } of await end(from)) {
      if (from === transitions.withdraw.from) {
        await tx
          .update(requests)
          .set({ decision: 'withdrawn', decidedAt: at, decidedBy: by.id, reason })
          .where(eq(requests.id, requestId));
      }
      const row = await mustFindKey(tx, id);
      const action = from === transitions.revoke.from ? 'key.revoked' : 'key.withdrawn';
      await recordKeyEvent(tx, { at, by, action, row, details: { reason, holder: holderOf(row) } });
      rows.push(row);
    }
  }
  return rows;
}
