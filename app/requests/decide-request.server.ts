import { and, eq } from 'drizzle-orm';
import type { ChangeContext } from '~/app-context.server';
import type { Actor } from '~/audit/record.server';
import { err, ok, type Result } from '~/core/result';
import { transitionAllowed } from '~/keys/key-conditions.server';
import { transitions } from '~/keys/key-state-machine';
import type { KeyView } from '~/keys/keys.schema';
import { announceKeyResult, recordKeyEvent } from '~/keys/record-key-event.server';
import { findKey, holderIdOf, type KeyRow, mustFindKey } from '~/keys/select-keys.server';
import { countEnabledAdmins } from '~/users/count-admins.server';
import type { Queries } from '~db/database';
import { keys, requests, users } from '~db/schema';
import { mayDecide } from './approval-rule';

const events = {
  approve: { decision: 'approved', action: 'key.approved' },
  reject: { decision: 'rejected', action: 'key.rejected' },
} as const;

/**
 * Makes a pending key active. Its secret is minted only when the holder reveals it.
 *
 * Errors: key-not-found, own-request, already-decided.
 */
export async function approveRequest(
  app: ChangeContext,
  actor: Actor,
  keyId: string,
): Promise<Result<KeyView>> {
  return decide(app, actor, keyId, 'approve');
}

/** Errors: as `approveRequest`. */
export async function rejectRequest(
  app: ChangeContext,
  actor: Actor,
  keyId: string,
  reason: string,
): Promise<Result<KeyView>> {
  return decide(app, actor, keyId, 'reject', reason);
}

async function decide(
  app: ChangeContext,
  actor: Actor,
  keyId: string,
  event: keyof typeof events,
  reason?: string,
): Promise<Result<KeyView>> {
  const at = app.now();
  const transition = transitions[event];
  const { decision, action } = events[event];

  const outcome = await app.db.write(async (tx): Promise<Result<KeyRow>> => {
    const before = await findKey(tx, keyId);
    if (before === null) return err('key-not-found');
    const permission = mayDecide(actor.id, holderIdOf(before), await countEnabledAdmins(tx));
    if (before.status === transition.from && permission === 'no') return err('own-request');

    const [updated] = await tx
      .update(keys)
      .set({ status: transition.to })
      .where(and(eq(keys.id, keyId), transitionAllowed(event)))
      .returning({ requestId: keys.requestId });
    if (updated === undefined) return await alreadyDecided(tx, before);

    await tx
      .update(requests)
      .set({ decision, decidedAt: at, decidedBy: actor.id, reason: reason ?? null })
      .where(eq(requests.id, updated.requestId));
    const row = await mustFindKey(tx, keyId);
    const selfApproved = permission === 'as-only-admin' && event === 'approve' ? true : undefined;
    const details = { holder: holderIdOf(row), reason, selfApproved };
    await recordKeyEvent(tx, { at, by: actor, action, row, details });
    return ok(row);
  });
  return announceKeyResult(app, outcome);
}

/** Names the admin who decided first. */
async function alreadyDecided(tx: Queries, row: KeyRow) {
  const [decider] =
    row.decidedBy === null
      ? []
      : await tx.select({ name: users.name }).from(users).where(eq(users.id, row.decidedBy));
  return err('already-decided', { decision: row.decision, by: decider?.name, at: row.decidedAt });
}
