import { and, desc, eq, type SQL, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/sqlite-core';
import type { Queries } from '~db/database';
import { keys, requests, tools, users } from '~db/schema';
import type { KeyEnd, KeyView } from './keys.schema';

const endedByUser = alias(users, 'ended_by_user');

/** What views and rules need. The hash is never selected. */
const columns = {
  id: keys.id,
  holderId: keys.holderId,
  serviceAccountId: keys.serviceAccountId,
  toolId: keys.toolId,
  slug: tools.slug,
  displayName: tools.displayName,
  preset: tools.preset,
  archivedAt: tools.archivedAt,
  environment: keys.environment,
  purpose: requests.purpose,
  status: keys.status,
  prefix: keys.prefix,
  revealedAt: keys.revealedAt,
  createdAt: keys.createdAt,
  lastUsedAt: keys.lastUsedAt,
  revokedAt: keys.revokedAt,
  revocationReason: keys.revocationReason,
  decision: requests.decision,
  decidedAt: requests.decidedAt,
  decidedBy: requests.decidedBy,
  decisionReason: requests.reason,
  endedBy: endedByUser.id,
  endedByName: endedByUser.name,
};

/** Keys with their tool and request, newest first. */
export function selectKeys(queries: Queries, where: SQL | undefined) {
  return queries
    .select(columns)
    .from(keys)
    .innerJoin(tools, eq(tools.id, keys.toolId))
    .innerJoin(requests, eq(requests.id, keys.requestId))
    .leftJoin(
      endedByUser,
      eq(
        endedByUser.id,
        sql`case ${keys.status} when 'REJECTED' then ${requests.decidedBy} else ${keys.revokedBy} end`,
      ),
    )
    .where(where)
    .orderBy(desc(keys.createdAt), desc(keys.id));
}

export type KeyRow = Awaited<ReturnType<typeof selectKeys>>[number];

/** The id of the user or service account. */
export function holderIdOf({
  holderId,
  serviceAccountId,
}: Pick<KeyRow, 'holderId' | 'serviceAccountId'>): string {
  const holder = holderId ?? serviceAccountId;
  if (holder === null) throw new Error('key without a holder');
  return holder;
}

/** One key by id, under further conditions such as its holder. */
export async function findKey(queries: Queries, id: string, ...conditions: SQL[]): Promise<KeyRow | null> {
  const [row] = await selectKeys(queries, and(eq(keys.id, id), ...conditions)).limit(1);
  return row ?? null;
}

/** For a key that this transaction has just written: its absence is a bug. */
export async function mustFindKey(queries: Queries, id: string): Promise<KeyRow> {
  const row = await findKey(queries, id);
  if (row === null) throw new Error(`key ${id} not found after writing it`);
  return row;
}

export function toKeyView(row: KeyRow): KeyView {
  return {
    id: row.id,
    tool: toolOf(row),
    environment: row.environment,
    purpose: row.purpose,
    status: row.status,
    prefix: row.prefix,
    revealed: row.revealedAt !== null,
    createdAt: row.createdAt,
    lastUsedAt: row.lastUsedAt,
    ended: endOf(row),
  };
}

function toolOf({ slug, displayName, archivedAt }: KeyRow): KeyView['tool'] {
  return archivedAt === null ? { slug, displayName } : { slug, displayName, archived: true };
}

function endOf(row: KeyRow): KeyEnd | null {
  const isRejected = row.status === 'REJECTED';
  const at = isRejected ? row.decidedAt : row.revokedAt;
  if (at === null) return null;
  return {
    as: endKindOf(row),
    at,
    by: row.endedBy === null ? null : { name: row.endedByName ?? '', isHolder: row.endedBy === row.holderId },
    reason: isRejected ? row.decisionReason : row.revocationReason,
  };
}

function endKindOf({ status, decision }: KeyRow): KeyEnd['as'] {
  if (status === 'REJECTED') return 'rejected';
  return decision === 'withdrawn' ? 'withdrawn' : 'revoked';
}
