import { and, eq, isNull } from 'drizzle-orm';
import type { AppContext } from '~/app-context.server';
import { formatHead, type Head } from '~/audit/audit.schema';
import { record, SYSTEM } from '~/audit/record.server';
import { revokeResetLinks } from '~/auth/reset-links.server';
import { transitions } from '~/keys/key-state-machine';
import { recordKeyEvent } from '~/keys/record-key-event.server';
import { holderIdOf, mustFindKey } from '~/keys/select-keys.server';
import type { SealedCredential } from '~/master-key/master-key.server';
import { deleteCredentials } from '~/master-key/master-key-rotation.server';
import { revokeAllInvitations } from '~/users/invitations.server';
import type { Queries } from '~db/database';
import { keys, requests, serviceAccounts, sessions, users } from '~db/schema';
import { openDatabaseToRead } from '~db/sqlite/connection.server';

/**
 * Access that the replaced database had revoked. A backup is older, so restoring it would give that access back: a
 * leaked key would work again, and a former colleague could sign in. The restore therefore applies all of this to the
 * restored database. The times are those of the original revocations.
 */
export interface Revocations {
  /** Revoked keys, and keys whose request was withdrawn. */
  keys: { id: string; revokedAt: number }[];
  disabledUsers: { id: string; disabledAt: number }[];
  disabledServiceAccounts: { id: string; disabledAt: number }[];
  /** Users without the admin role: they may have been admins in the backup. */
  members: { id: string }[];
}

/** How much of it was needed, because the backup had the access. */
export interface ReappliedCounts {
  keys: number;
  requests: number;
  users: number;
  serviceAccounts: number;
  admins: number;
}

/**
 * Reads the revocations from the database at `path`. Plain SQL, because it may have another version's schema.
 *
 * @returns null if it can't be read.
 */
export function readRevocations(path: string): Revocations | null {
  try {
    const { sqlite, close } = openDatabaseToRead(path);
    const all = <Row>(sql: string) => sqlite.prepare<[], Row>(sql).all();
    const disabledIn = (table: string) =>
      all<{ id: string; disabledAt: number }>(
        `select id, disabled_at as disabledAt from ${table} where disabled_at is not null`,
      );
    try {
      // The first versions had no service accounts.
      const hasServiceAccounts =
        all("select 1 from sqlite_master where name = 'service_accounts'").length > 0;
      return {
        keys: all("select id, revoked_at as revokedAt from keys where status = 'REVOKED'"),
        disabledUsers: disabledIn('users'),
        disabledServiceAccounts: hasServiceAccounts ? disabledIn('service_accounts') : [],
        members: all("select id from users where role = 'member'"),
      };
    } finally {
      close();
    }
  } catch {
    return null;
  }
}

/**
 * Changes the restored database in one transaction, each change with its audit entry: ends all sessions, revokes open
 * invitations and reset links, applies the revocations, and deletes `undecryptable` credentials.
 *
 * @param options.revocations null if unknown.
 * @returns what the revocations changed; null if they are unknown.
 */
export async function reapplyRevocations(
  { db, now }: Pick<AppContext, 'db' | 'now'>,
  {
    head,
    revocations,
    undecryptable,
  }: { head: Head; revocations: Revocations | null; undecryptable: SealedCredential[] },
): Promise<ReappliedCounts | null> {
  const at = now();
  return await db.write(async (tx) => {
    const sessionsEnded = (await tx.delete(sessions).returning({ id: sessions.id })).length;
    const invitationsRevoked = await revokeAllInvitations(tx, at, SYSTEM, 'restored');
    await revokeResetLinks(tx, at, SYSTEM, 'all');
    const counts = revocations && {
      users: await countChanged(revocations.disabledUsers, (user) => disableUser(tx, at, user)),
      serviceAccounts: await countChanged(revocations.disabledServiceAccounts, (account) =>
        disableServiceAccount(tx, at, account),
      ),
      admins: await countChanged(revocations.members, (user) => demoteUser(tx, at, user)),
      keys: await countChanged(revocations.keys, (key) => revokeKey(tx, at, key)),
      requests: await countChanged(revocations.keys, (key) => withdrawRequest(tx, at, key)),
    };
    await deleteCredentials(tx, undecryptable, at);
    await record(tx, {
      at,
      by: SYSTEM,
      action: 'database.restored',
      subject: `backup:${head.seq}`,
      details: {
        backupHead: formatHead(head),
        sessionsEnded,
        invitationsRevoked,
        keysRevokedAgain: counts?.keys,
        requestsWithdrawnAgain: counts?.requests,
        usersDisabledAgain: counts?.users,
        serviceAccountsDisabledAgain: counts?.serviceAccounts,
        adminsDemotedAgain: counts?.admins,
      },
    });
    return counts;
  });
}

async function countChanged<Item>(items: Item[], change: (item: Item) => Promise<boolean>): Promise<number> {
  let count = 0;
  for (const item of items) if (await change(item)) count++;
  return count;
}

const reason = (what: 'Disabled' | 'Demoted' | 'Revoked' | 'Withdrawn') =>
  `${what} after the restored backup was made.`;

// Each of these returns whether the backup had the access; if not, nothing changes.

async function disableUser(
  tx: Queries,
  at: number,
  { id, disabledAt }: Revocations['disabledUsers'][number],
): Promise<boolean> {
  const [user] = await tx
    .update(users)
    .set({ disabledAt })
    .where(and(eq(users.id, id), isNull(users.disabledAt)))
    .returning({ email: users.email });
  if (user === undefined) return false;
  const details = { email: user.email, reason: reason('Disabled') };
  await record(tx, { at, by: SYSTEM, action: 'user.disabled', subject: `user:${id}`, details });
  return true;
}

async function disableServiceAccount(
  tx: Queries,
  at: number,
  { id, disabledAt }: Revocations['disabledServiceAccounts'][number],
): Promise<boolean> {
  const [account] = await tx
    .update(serviceAccounts)
    .set({ disabledAt })
    .where(and(eq(serviceAccounts.id, id), isNull(serviceAccounts.disabledAt)))
    .returning({ name: serviceAccounts.name });
  if (account === undefined) return false;
  const details = { name: account.name, reason: reason('Disabled') };
  const subject = `service_account:${id}` as const;
  await record(tx, { at, by: SYSTEM, action: 'service_account.disabled', subject, details });
  return true;
}

/** Demotes the backup's only admin, too. `admin create` then makes a new one. */
async function demoteUser(tx: Queries, at: number, { id }: Revocations['members'][number]): Promise<boolean> {
  const [user] = await tx
    .update(users)
    .set({ role: 'member' })
    .where(and(eq(users.id, id), eq(users.role, 'admin')))
    .returning({ email: users.email });
  if (user === undefined) return false;
  const details = { email: user.email, role: 'member', reason: reason('Demoted') };
  await record(tx, { at, by: SYSTEM, action: 'user.demoted', subject: `user:${id}`, details });
  return true;
}

async function revokeKey(
  tx: Queries,
  at: number,
  { id, revokedAt }: Revocations['keys'][number],
): Promise<boolean> {
  const { from, to } = transitions.revoke;
  const [key] = await tx
    .update(keys)
    .set({ status: to, revokedAt, revocationReason: reason('Revoked') })
    .where(and(eq(keys.id, id), eq(keys.status, from)))
    .returning({ id: keys.id });
  if (key === undefined) return false;
  const row = await mustFindKey(tx, id);
  const details = { reason: reason('Revoked'), holder: holderIdOf(row) };
  await recordKeyEvent(tx, { at, by: SYSTEM, action: 'key.revoked', row, details });
  return true;
}

/** A key that has ended was still waiting for a decision in the backup. */
async function withdrawRequest(
  tx: Queries,
  at: number,
  { id, revokedAt }: Revocations['keys'][number],
): Promise<boolean> {
  const { from, to } = transitions.withdraw;
  const [key] = await tx
    .update(keys)
    .set({ status: to, revokedAt, revocationReason: reason('Withdrawn') })
    .where(and(eq(keys.id, id), eq(keys.status, from)))
    .returning({ requestId: keys.requestId });
  if (key === undefined) return false;
  await tx
    .update(requests)
    .set({ decision: 'withdrawn', decidedAt: revokedAt, reason: reason('Withdrawn') })
    .where(eq(requests.id, key.requestId));
  const row = await mustFindKey(tx, id);
  const details = { reason: reason('Withdrawn'), holder: holderIdOf(row) };
  await recordKeyEvent(tx, { at, by: SYSTEM, action: 'key.withdrawn', row, details });
  return true;
}
