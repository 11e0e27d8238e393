import { and, desc, eq, type SQL, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/sqlite-core';
import type { Queries } from '~db/database';
import { keys, requests, tools, users } from '~db/schema';
import type { KeyEnd, KeyView } from './keys.schema';

const enders = alias(users, 'enders');

/** The columns of a key's view, and the few more that rules need. The hash is left out by column. */
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
  endedBy: enders.id,
  endedByName: enders.name,
};

/** Keys with their tool and request, newest first. */
export function selectKeys(queries: Queries, where: SQL | undefined) {
  return queries
    .select(columns)
    .from(keys)
    .innerJoin(tools, eq(tools.id, keys.toolId))
    .innerJoin(requests, eq(requests.id, keys.requestId))
    .leftJoin(
      enders,
      eq(
        enders.id,
        sql`case ${keys.status} when 'REJECTED' then ${requests.decidedBy} else ${keys.revokedBy} end`,
      ),
    )
    .where(where)
    .orderBy(desc(keys.createdAt), desc(keys.id));
}

export type KeyRow = Awaited<ReturnType<typeof selectKeys>>[number];

/** The id of whoever holds the key, a person or a service account. */
export function holderOf({
  holderId,
  serviceAccountId,
}: Pick<KeyRow, 'holderId' | 'serviceAccountId'>): string {
  const holder = holderId ?? serviceAccountId;
  if (holder === null) throw new Error('a key has no holder, which its table forbids');
  return holder;
}

/** One key by id, under further conditions (its holder, say). */
export async function findKey(queries: Queries, id: string, ...conditions: SQL[]): Promise<KeyRow | null> {
  const [row] = await selectKeys(queries, and(eq(keys.id, id), ...conditions)).limit(1);
  return row ?? null;
}

/** The same for a key that the transaction `queries` has just written; its absence is a bug. */
export async function mustFindKey(queries: Queries, id: string): Promise<KeyRow> {
  const row = await findKey(queries, id);
  if (row === null) throw new Error(`key ${id} was written and cannot be read`);
  return row;
}

/** A row as answers show it: without the hash, and with its end told in one place. */
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
  const { status, decision, decidedAt, revokedAt, endedBy, endedByName } = row;
  const at = status === 'REJECTED' ? decidedAt : revokedAt;
  if (at === null) return null;
  return {
    as: status === 'REJECTED' ? 'rejected' : decision === 'withdrawn' ? 'withdrawn' : 'revoked',
    at,
    by: endedBy === null ? null : { name: endedByName ?? '', isHolder: endedBy === row.holderId },
    reason: status === 'REJECTED' ? row.decisionReason : row.revocationReason,
  };
}
