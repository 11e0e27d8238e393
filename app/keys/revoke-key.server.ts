import { and, eq, type SQL } from 'drizzle-orm';
import type { App } from '~/app-context.server';
import type { Actor } from '~/audit/record.server';
import { accept, type Outcome, refuse } from '~/core/error-catalogue';
import type { Queries } from '~db/sqlite/connection.server';
import { keys, requests } from '~db/schema';
import { mayHappenNow } from './transition-condition.server';
import { LIVE_STATUSES, transitions } from './key-state-machine';
import { announce, recordKey } from './record-key-event.server';
import type { KeyView } from './key-types';
import { findKey, holderOf, type KeyRow, mustFindKey, toKeyView } from './key-view.server';

type Needs = Pick<App, 'db' | 'events' | 'now'>;

/** Takes a pending request back. Refuses: no-such-key (or not the actor's own), not-pending. */
export async function withdrawKey(app: Needs, actor: Actor, id: string): Promise<Outcome<KeyView>> {
  const at = app.now();
  const outcome = await app.db.write(async (tx): Promise<Outcome<KeyRow>> => {
    const [won] = await tx
      .update(keys)
      .set({ status: transitions.withdraw.to, revokedAt: at, revokedBy: actor.id })
      .where(and(eq(keys.id, id), eq(keys.holderId, actor.id), mayHappenNow('withdraw')))
      .returning({ requestId: keys.requestId });
    if (won === undefined) {
      const row = await findKey(tx, id, eq(keys.holderId, actor.id));
      return row === null ? refuse('no-such-key') : refuse('not-pending', { status: row.status });
    }
    await tx
      .update(requests)
      .set({ decision: 'withdrawn', decidedAt: at, decidedBy: actor.id })
      .where(eq(requests.id, won.requestId));
    const row = await mustFindKey(tx, id);
    await recordKey(tx, { at, by: actor, action: 'key.withdrawn', row });
    return accept(row);
  });
  if (!outcome.ok) return outcome;
  announce(app, outcome.value);
  return accept(toKeyView(outcome.value));
}

/**
 * Ends a key: its holder at will, an admin with a reason. It is refused at the gateway before this answers.
 *
 * Refuses: no-such-key (a member for another's key, too), reason-required, not-active.
 */
export async function revokeKey(
  app: Needs,
  actor: Actor,
  id: string,
  reason?: string,
): Promise<Outcome<KeyView>> {
  const at = app.now();
  const own = actor.role === 'admin' ? [] : [eq(keys.holderId, actor.id)];
  const outcome = await app.db.write(async (tx): Promise<Outcome<KeyRow>> => {
    const before = await findKey(tx, id, ...own);
    if (before === null) return refuse('no-such-key');
    if (before.holderId !== actor.id && reason === undefined) return refuse('reason-required');
    const [won] = await tx
      .update(keys)
      .set({
        status: transitions.revoke.to,
        revokedAt: at,
        revokedBy: actor.id,
        revocationReason: reason ?? null,
      })
      .where(and(eq(keys.id, id), mayHappenNow('revoke'), ...own))
      .returning({ id: keys.id });
    if (won === undefined) return refuse('not-active', { status: before.status });
    const row = await mustFindKey(tx, id);
    await recordKey(tx, {
      at,
      by: actor,
      action: 'key.revoked',
      row,
      details: { reason, holder: holderOf(row) },
    });
    return accept(row);
  });
  if (!outcome.ok) return outcome;
  announce(app, outcome.value);
  return accept(toKeyView(outcome.value));
}

/**
 * Ends every live key of a holder who may hold none any more: active ones are revoked, pending requests
 * withdrawn, each with its own audit entry, in the caller's transaction.
 *
 * @param holder the condition on `keys` that they are this person's, or this service account's.
 * @returns the keys as they are now, for the caller to announce after the commit.
 */
export async function endKeysOf(
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
      await recordKey(tx, { at, by, action, row, details: { reason, holder: holderOf(row) } });
      rows.push(row);
    }
  }
  return rows;
}
