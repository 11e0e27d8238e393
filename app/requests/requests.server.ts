import { and, asc, count, desc, eq, inArray, isNotNull, isNull, ne } from 'drizzle-orm';
import type { App } from '~/app.server';
import type { Actor } from '~/audit/audit.server';
import { accept, type Outcome, refuse } from '~/errors';
import { LIVE_STATUSES, transitions } from '~/keys/key-status';
import { announce, recordKey } from '~/keys/key-trail.server';
import { findKey, type KeyRow, mustFindKey, toKeyView } from '~/keys/key-view.server';
import type { KeyView } from '~/keys/keys.schema';
import type { Queries } from '~db/client.server';
import { keys, requests, tools, users } from '~db/schema';
import { mayDecide } from './approval-rule';
import type { OtherKey, PastDecision, PendingRequest } from './requests.schema';

type Needs = Pick<App, 'db' | 'events' | 'now'>;

/** How many past decisions an admin is shown for each person. */
const PAST_DECISIONS_SHOWN = 5;

/** How many requests wait for a decision. */
export async function countPending({ db }: Pick<App, 'db'>): Promise<number> {
  const [row] = await db.read.select({ pending: count() }).from(keys).where(eq(keys.status, 'PENDING'));
  return row?.pending ?? 0;
}

/** Every pending request, the longest waiting first, with the requester's context. */
export async function listPending({ db }: Pick<App, 'db'>, actor: Actor): Promise<PendingRequest[]> {
  const rows = await db.read
    .select({
      id: keys.id,
      environment: keys.environment,
      createdAt: keys.createdAt,
      purpose: requests.purpose,
      tool: { slug: tools.slug, displayName: tools.displayName },
      requester: { id: users.id, name: users.name, email: users.email },
    })
    .from(keys)
    .innerJoin(requests, eq(requests.id, keys.requestId))
    .innerJoin(tools, eq(tools.id, keys.toolId))
    .innerJoin(users, eq(users.id, keys.holderId))
    .where(eq(keys.status, 'PENDING'))
    .orderBy(asc(keys.createdAt), asc(keys.id));
  const holders = [...new Set(rows.map(({ requester }) => requester.id))];
  const [admins, others, past] = await Promise.all([
    countEnabledAdmins(db.read),
    listLiveKeys(db.read, holders),
    listPastDecisions(db.read, holders),
  ]);
  return rows.map(({ requester, ...key }) => ({
    key: {
      ...key,
      status: 'PENDING',
      prefix: null,
      revealed: false,
      lastUsedAt: null,
      revokedAt: null,
      rejectionReason: null,
      revocationReason: null,
    },
    requester,
    mayDecide: mayDecide(actor.id, requester.id, admins),
    otherKeys: (others.get(requester.id) ?? []).filter(({ id }) => id !== key.id),
    pastDecisions: (past.get(requester.id) ?? []).slice(0, PAST_DECISIONS_SHOWN),
  }));
}

/**
 * Lets a pending request become an active key that its holder has yet to reveal; no secret is made here.
 * Refuses: no-such-key, own-request, already-decided (naming who decided what).
 */
export async function approveRequest(app: Needs, actor: Actor, keyId: string): Promise<Outcome<KeyView>> {
  return decide(app, actor, keyId, { decision: 'approved' });
}

/** Turns a pending request down; the requester reads the reason. Refuses like `approveRequest`. */
export async function rejectRequest(
  app: Needs,
  actor: Actor,
  keyId: string,
  reason: string,
): Promise<Outcome<KeyView>> {
  return decide(app, actor, keyId, { decision: 'rejected', reason });
}

async function decide(
  app: Needs,
  actor: Actor,
  keyId: string,
  verdict: { decision: 'approved' } | { decision: 'rejected'; reason: string },
): Promise<Outcome<KeyView>> {
  const at = app.now();
  const transition = verdict.decision === 'approved' ? transitions.approve : transitions.reject;
  const reason = verdict.decision === 'rejected' ? verdict.reason : undefined;

  const outcome = await app.db.write(async (tx): Promise<Outcome<KeyRow>> => {
    const before = await findKey(tx, keyId);
    if (before === null) return refuse('no-such-key');
    const may = mayDecide(actor.id, before.holderId, await countEnabledAdmins(tx));
    if (before.status === transition.from && may === 'no') return refuse('own-request');

    const [won] = await tx
      .update(keys)
      .set({ status: transition.to })
      .where(and(eq(keys.id, keyId), eq(keys.status, transition.from)))
      .returning({ requestId: keys.requestId });
    if (won === undefined) return await alreadyDecided(tx, before);

    await tx
      .update(requests)
      .set({ decision: verdict.decision, decidedAt: at, decidedBy: actor.id, reason: reason ?? null })
      .where(eq(requests.id, won.requestId));
    const row = await mustFindKey(tx, keyId);
    await recordKey(tx, {
      at,
      by: actor,
      action: verdict.decision === 'approved' ? 'key.approved' : 'key.rejected',
      row,
      details: {
        holder: row.holderId,
        reason,
        selfApproved: may === 'as-only-admin' && verdict.decision === 'approved' ? true : undefined,
      },
    });
    return accept(row);
  });

  if (!outcome.ok) return outcome;
  announce(app, outcome.value);
  return accept(toKeyView(outcome.value));
}

/** Who decided what and when, for the one who came too late. */
async function alreadyDecided(tx: Queries, row: KeyRow) {
  const [decider] =
    row.decidedBy === null
      ? []
      : await tx.select({ name: users.name }).from(users).where(eq(users.id, row.decidedBy));
  return refuse('already-decided', { decision: row.decision, by: decider?.name, at: row.decidedAt });
}

async function countEnabledAdmins(queries: Queries): Promise<number> {
  const [row] = await queries
    .select({ admins: count() })
    .from(users)
    .where(and(eq(users.role, 'admin'), isNull(users.disabledAt)));
  return row?.admins ?? 0;
}

async function listLiveKeys(queries: Queries, holders: string[]): Promise<Map<string, OtherKey[]>> {
  const rows = await queries
    .select({
      holderId: keys.holderId,
      id: keys.id,
      tool: { slug: tools.slug, displayName: tools.displayName },
      environment: keys.environment,
      status: keys.status,
      lastUsedAt: keys.lastUsedAt,
    })
    .from(keys)
    .innerJoin(tools, eq(tools.id, keys.toolId))
    .where(and(inArray(keys.holderId, holders), inArray(keys.status, LIVE_STATUSES)))
    .orderBy(asc(tools.displayName), asc(keys.environment));
  return groupByHolder(rows);
}

async function listPastDecisions(queries: Queries, holders: string[]): Promise<Map<string, PastDecision[]>> {
  const rows = await queries
    .select({
      holderId: keys.holderId,
      tool: { slug: tools.slug, displayName: tools.displayName },
      environment: keys.environment,
      decision: requests.decision,
      decidedAt: requests.decidedAt,
      reason: requests.reason,
    })
    .from(requests)
    .innerJoin(keys, eq(keys.requestId, requests.id))
    .innerJoin(tools, eq(tools.id, keys.toolId))
    .where(
      and(
        inArray(requests.requesterId, holders),
        isNotNull(requests.decidedAt),
        ne(requests.decision, 'auto-issued'),
      ),
    )
    .orderBy(desc(requests.decidedAt));
  return groupByHolder(
    rows.flatMap(({ decision, decidedAt, ...row }) =>
      decision === null || decidedAt === null ? [] : [{ ...row, decision, decidedAt }],
    ),
  );
}

function groupByHolder<Row extends { holderId: string }>(rows: Row[]): Map<string, Omit<Row, 'holderId'>[]> {
  const groups = new Map<string, Omit<Row, 'holderId'>[]>();
  for (const { holderId, ...row } of rows) {
    const group = groups.get(holderId);
    if (group === undefined) groups.set(holderId, [row]);
    else group.push(row);
  }
  return groups;
}
