import { and, asc, count, eq, inArray, isNotNull, lte, ne, sql } from 'drizzle-orm';
import type { AppContext } from '~/app-context.server';
import type { Actor } from '~/audit/record.server';
import { LIVE_STATUSES } from '~/keys/key-state-machine';
import { countEnabledAdmins } from '~/users/count-admins.server';
import type { Queries } from '~db/database';
import { prepareOnce } from '~db/prepare-once.server';
import { keys, requests, tools, users } from '~db/schema';
import { mayDecide } from './approval-rule';
import type { OtherKey, PastDecision, PendingRequest } from './requests.schema';

/** Per requester. */
const MAX_PAST_DECISIONS = 5;

const selectPendingCount = prepareOnce((queries) =>
  queries.select({ pending: count() }).from(keys).where(eq(keys.status, 'PENDING')).prepare(),
);

export async function countPendingRequests({ db }: Pick<AppContext, 'db'>): Promise<number> {
  const [row] = await selectPendingCount(db.read).execute();
  return row?.pending ?? 0;
}

/** All pending requests, oldest first, each with its requester's other keys and past decisions. */
export async function listPendingRequests(
  { db }: Pick<AppContext, 'db'>,
  actor: Actor,
): Promise<PendingRequest[]> {
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
  const requesters = [...new Set(rows.map(({ requester }) => requester.id))];
  const [enabledAdmins, liveKeys, pastDecisions] = await Promise.all([
    countEnabledAdmins(db.read),
    listLiveKeys(db.read, requesters),
    listPastDecisions(db.read, requesters),
  ]);
  return rows.map(({ requester, ...key }) => ({
    key: {
      ...key,
      status: 'PENDING',
      prefix: null,
      revealed: false,
      lastUsedAt: null,
      ended: null,
    },
    requester,
    mayDecide: mayDecide(actor.id, requester.id, enabledAdmins),
    otherKeys: (liveKeys.get(requester.id) ?? []).filter(({ id }) => id !== key.id),
    pastDecisions: pastDecisions.get(requester.id) ?? [],
  }));
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

/** The latest decisions on each person's requests, newest first, without keys that needed no approval. */
async function listPastDecisions(queries: Queries, holders: string[]): Promise<Map<string, PastDecision[]>> {
  const newestFirst = sql`${requests.decidedAt} desc, ${requests.id} desc`;
  const ranked = queries
    .select({
      id: requests.id,
      rank: sql<number>`row_number() over (partition by ${requests.requesterId} order by ${newestFirst})`.as(
        'rank',
      ),
    })
    .from(requests)
    .where(
      and(
        inArray(requests.requesterId, holders),
        isNotNull(requests.decidedAt),
        ne(requests.decision, 'auto-issued'),
      ),
    )
    .as('ranked');
  const rows = await queries
    .select({
      holderId: keys.holderId,
      tool: { slug: tools.slug, displayName: tools.displayName },
      environment: keys.environment,
      decision: requests.decision,
      decidedAt: requests.decidedAt,
      reason: requests.reason,
    })
    .from(ranked)
    .innerJoin(requests, eq(requests.id, ranked.id))
    .innerJoin(keys, eq(keys.requestId, requests.id))
    .innerJoin(tools, eq(tools.id, keys.toolId))
    .where(lte(ranked.rank, MAX_PAST_DECISIONS))
    .orderBy(newestFirst);
  return groupByHolder(
    rows.flatMap(({ decision, decidedAt, ...row }) =>
      decision === null || decidedAt === null ? [] : [{ ...row, decision, decidedAt }],
    ),
  );
}

function groupByHolder<Row extends { holderId: string | null }>(
  rows: Row[],
): Map<string, Omit<Row, 'holderId'>[]> {
  const groups = new Map<string, Omit<Row, 'holderId'>[]>();
  for (const { holderId, ...row } of rows) {
    if (holderId === null) continue; // a service account's key
    const group = groups.get(holderId);
    if (group === undefined) groups.set(holderId, [row]);
    else group.push(row);
  }
  return groups;
}
