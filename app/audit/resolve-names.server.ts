import { inArray } from 'drizzle-orm';
import type { Queries } from '~db/database';
import { invitations, keys, serviceAccounts, tools, users } from '~db/schema';
import type { AuditView } from './audit.schema';

const ID = /^(key|tool|usr|inv|sva)_[0-9a-z]+$/;

/**
 * Words for the ids that a page of entries speaks of, details included: a key's display prefix, a tool's
 * name, a user's e-mail, whom an invitation was for, a service account's name. Five queries, however many entries. Ids without words
 * (a key that was never revealed, a row that is gone) are left out.
 */
export async function resolveNames(queries: Queries, entries: AuditView[]): Promise<Record<string, string>> {
  const wanted = {
    key: new Set<string>(),
    tool: new Set<string>(),
    usr: new Set<string>(),
    inv: new Set<string>(),
    sva: new Set<string>(),
  };
  for (const { subject, actorId, keyId, toolId, details } of entries) {
    const subjectId = subject.slice(subject.indexOf(':') + 1);
    for (const value of [subjectId, actorId, keyId, toolId, ...Object.values(details)]) {
      const kind = typeof value === 'string' ? ID.exec(value)?.[1] : undefined;
      if (kind !== undefined) wanted[kind as keyof typeof wanted].add(String(value));
    }
  }
  const rows = await Promise.all([
    queries
      .select({ id: keys.id, name: keys.prefix })
      .from(keys)
      .where(inArray(keys.id, [...wanted.key])),
    queries
      .select({ id: tools.id, name: tools.displayName })
      .from(tools)
      .where(inArray(tools.id, [...wanted.tool])),
    queries
      .select({ id: users.id, name: users.email })
      .from(users)
      .where(inArray(users.id, [...wanted.usr])),
    queries
      .select({ id: invitations.id, name: invitations.email })
      .from(invitations)
      .where(inArray(invitations.id, [...wanted.inv])),
    queries
      .select({ id: serviceAccounts.id, name: serviceAccounts.name })
      .from(serviceAccounts)
      .where(inArray(serviceAccounts.id, [...wanted.sva])),
  ]);
  return Object.fromEntries(
    rows
      .flat<{ id: string; name: string | null }[][]>()
      .flatMap(({ id, name }) => (name === null ? [] : [[id, name]])),
  );
}
