import { and, eq } from 'drizzle-orm';
import type { AppContext } from '~/app-context.server';
import type { Actor } from '~/audit/record.server';
import { err, ok, type Result } from '~/core/result';
import { transitionAllowed } from '~/keys/key-conditions.server';
import { transitions } from '~/keys/key-state-machine';
import type { KeyView } from '~/keys/keys.schema';
import { announceKey, recordKeyEvent } from '~/keys/record-key-event.server';
import { findKey, holderOf, type KeyRow, mustFindKey, toKeyView } from '~/keys/select-keys.server';
import { countEnabledAdmins } from '~/users/count-admins.server';
import type { Queries } from '~db/database';
import { keys, requests, users } from '~db/schema';
import { mayDecide } from './approval-rule';

type Needs = Pick<AppContext, 'db' | 'events' | 'now'>;

/**
 * Lets a pending request become an active key that its holder has yet to reveal; no secret is made here.
 * Refuses: key-not-found, own-request, already-decided (naming who decided what).
 */
export async function approveRequest(app: Needs, actor: Actor, keyId: string): Promise<Result<KeyView>> {
  return decide(app, actor, keyId, { decision: 'approved' });
}

/** Turns a pending request down; the requester reads the reason. Refuses like `approveRequest`. */
export async function rejectRequest(
  app: Needs,
  actor: Actor,
  keyId: string,
  reason: string,
): Promise<Result<KeyView>> {
  return decide(app, actor, keyId, { decision: 'rejected', reason });
}

async function decide(
  app: Needs,
  actor: Actor,
  keyId: string,
  verdict: { decision: 'approved' } | { decision: 'rejected'; reason: string },
): Promise<Result<KeyView>> {
  const at = app.now();
  const event = verdict.decision === 'approved' ? 'approve' : 'reject';
  const transition = transitions[event];
  const reason = verdict.decision === 'rejected' ? verdict.reason : undefined;

  const outcome = await app.db.write(async (tx): Promise<Result<KeyRow>> => {
    const before = await findKey(tx, keyId);
    if (before === null) return err('key-not-found');
    const may = mayDecide(actor.id, holderOf(before), await countEnabledAdmins(tx));
    if (before.status === transition.from && may === 'no') return err('own-request');

    const [won] = await tx
      .update(keys)
      .set({ status: transition.to })
      .where(and(eq(keys.id, keyId), transitionAllowed(event)))
      .returning({ requestId: keys.requestId });
    if (won === undefined) return await alreadyDecided(tx, before);

    await tx
      .update(requests)
      .set({ decision: verdict.decision, decidedAt: at, decidedBy: actor.id, reason: reason ?? null })
      .where(eq(requests.id, won.requestId));
    const row = await mustFindKey(tx, keyId);
    await recordKeyEvent(tx, {
      at,
      by: actor,
      action: verdict.decision === 'approved' ? 'key.approved' : 'key.rejected',
      row,
      details: {
        holder: holderOf(row),
        reason,
        selfApproved: may === 'as-only-admin' && verdict.decision === 'approved' ? true : undefined,
      },
    });
    return ok(row);
  });

  if (!outcome.ok) return outcome;
  announceKey(app, outcome.value);
  return ok(toKeyView(outcome.value));
}

/** Who decided what and when, for the one who came too late. */
async function alreadyDecided(tx: Queries, row: KeyRow) {
  const [decider] =
    row.decidedBy === null
      ? []
      : await tx.select({ name: users.name }).from(users).where(eq(users.id, row.decidedBy));
  return err('already-decided', { decision: row.decision, by: decider?.name, at: row.decidedAt });
}
