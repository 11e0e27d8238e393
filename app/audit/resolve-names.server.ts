import { inArray } from 'drizzle-orm';
import type { Queries } from '~db/database';
import { invitations, keys, serviceAccounts, tools, users } from '~db/schema';
import type { AuditView } from './audit.schema';

const ID = /^(key|tool|usr|inv|sva)_[0-9a-z]+$/;

/** Where the name of each kind of id is stored. */
const SOURCES = {
  key: { table: keys, id: keys.id, name: keys.prefix },
  tool: { table: tools, id: tools.id, name: tools.displayName },
  usr: { table: users, id: users.id, name: users.email },
  inv: { table: invitations, id: invitations.id, name: invitations.email },
  sva: { table: serviceAccounts, id: serviceAccounts.id, name: serviceAccounts.name },
};
type IdKind = keyof typeof SOURCES;

/**
 * Names for the ids in these entries, details included: a key's display prefix, a tool's name, the email of a user or
 * an invitation, a service account's name. Runs at most one query per kind of id. Ids without a name (a key that was
 * never revealed, a deleted row) are left out.
 */
export async function resolveNames(queries: Queries, entries: AuditView[]): Promise<Record<string, string>> {
  const ids = new Map<IdKind, Set<string>>();
  for (const { subject, actorId, keyId, toolId, details } of entries) {
    const subjectId = subject.slice(subject.indexOf(':') + 1);
    for (const value of [subjectId, actorId, keyId, toolId, ...Object.values(details)]) {
      const kind = typeof value === 'string' ? (ID.exec(value)?.[1] as IdKind | undefined) : undefined;
      if (kind !== undefined) ids.set(kind, (ids.get(kind) ?? new Set()).add(String(value)));
    }
  }
  const rows = await Promise.all(
    [...ids].map(([kind, wanted]) => {
      const { table, id, name } = SOURCES[kind];
      return queries
        .select({ id, name })
        .from(table)
        .where(inArray(id, [...wanted]));
    }),
  );
  return Object.fromEntries(rows.flat().flatMap(({ id, name }) => (name === null ? [] : [[id, name]])));
}
