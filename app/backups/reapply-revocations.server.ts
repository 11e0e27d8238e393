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

interface RevokedKey {
  id: string;
  revokedAt: number;
}
interface Disabled {
  id: string;
  disabledAt: number;
}

/**
 * Access that the replaced database had revoked. A backup is older, so restoring it would give that access back: a
 * leaked key would work again, and a former colleague could sign in. The restore therefore applies all of this to the
 * restored database. The times are those of the original revocations.
 */
export interface Revocations {
  /** Revoked keys, and keys whose request was withdrawn. */
  keys: RevokedKey[];
  users: Disabled[];
  serviceAccounts: Disabled[];
  /** Users without the admin role: they may have been admins in the backup. */
  members: { id: string }[];
}

/** How much of it was needed, because the backup had the access. */
export type ReappliedCounts = Record<'keys' | 'requests' | 'users' | 'serviceAccounts' | 'admins', number>;

const REASON = 'It happened after the restored backup was made.';

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
      all<Disabled>(`select id, disabled_at as disabledAt from ${table} where disabled_at is not null`);
    try {
      // The first versions had no service accounts.
      const hasServiceAccounts =
        all("select 1 from sqlite_master where name = 'service_accounts'").length > 0;
      return {
        keys: all("select id, revoked_at as revokedAt from keys where status = 'REVOKED'"),
        users: disabledIn('users'),
        serviceAccounts: hasServiceAccounts ? disabledIn('service_accounts') : [],
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
    const count = async <Item>(items: Item[], reapply: (change: Change, item: Item) => Promise<boolean>) => {
      let changed = 0;
      for (const item of items) if (await reapply({ tx, at }, item)) changed++;
      return changed;
    };
    const counts = revocations && {
      users: await count(revocations.users, disableUser),
      serviceAccounts: await count(revocations.serviceAccounts, disableServiceAccount),
      admins: await count(revocations.members, demoteUser),
      keys: await count(revocations.keys, revokeKey),
      requests: await count(revocations.keys, withdrawRequest),
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

// Each of these returns whether the backup had the access; if not, nothing changes.

type Change = { tx: Queries; at: number };

async function disableUser({ tx, at }: Change, { id, disabledAt }: Disabled): Promise<boolean> {
  const [user] = await tx
    .update(users)
    .set({ disabledAt })
    .where(and(eq(users.id, id), isNull(users.disabledAt)))
    .returning({ email: users.email });
  if (user === undefined) return false;
  const details = { email: user.email, reason: REASON };
  await record(tx, { at, by: SYSTEM, action: 'user.disabled', subject: `user:${id}`, details });
  return true;
}

async function disableServiceAccount({ tx, at }: Change, { id, disabledAt }: Disabled): Promise<boolean> {
  const [account] = await tx
    .update(serviceAccounts)
    .set({ disabledAt })
    .where(and(eq(serviceAccounts.id, id), isNull(serviceAccounts.disabledAt)))
    .returning({ name: serviceAccounts.name });
  if (account === undefined) return false;
  const details = { name: account.name, reason: REASON };
  const subject = `service_account:${id}` as const;
  await record(tx, { at, by: SYSTEM, action: 'service_account.disabled', subject, details });
  return true;
}

/** Demotes the backup's only admin, too. `admin create` then makes a new one. */
async function demoteUser({ tx, at }: Change, { id }: { id: string }): Promise<boolean> {
  const [user] = await tx
    .update(users)
    .set({ role: 'member' })
    .where(and(eq(users.id, id), eq(users.role, 'admin')))
    .returning({ email: users.email });
  if (user === undefined) return false;
  const details = { email: user.email, role: 'member', reason: REASON };
  await record(tx, { at, by: SYSTEM, action: 'user.demoted', subject: `user:${id}`, details });
  return true;
}

async function revokeKey(change: Change, key: RevokedKey): Promise<boolean> {
  const requestId = await endKey(change, key, 'revoke');
  if (requestId === null) return false;
  await recordKeyEnd(change, key, 'key.revoked');
  return true;
}

/** In the backup, the key was still waiting for a decision. */
async function withdrawRequest(change: Change, key: RevokedKey): Promise<boolean> {
  const requestId = await endKey(change, key, 'withdraw');
  if (requestId === null) return false;
  await change.tx
    .update(requests)
    .set({ decision: 'withdrawn', decidedAt: key.revokedAt, reason: REASON })
    .where(eq(requests.id, requestId));
  await recordKeyEnd(change, key, 'key.withdrawn');
  return true;
}

/** Returns the key's request; null if the transition doesn't apply to the key. */
async function endKey({ tx }: Change, { id, revokedAt }: RevokedKey, transition: 'revoke' | 'withdraw') {
  const { from, to } = transitions[transition];
  const [key] = await tx
    .update(keys)
    .set({ status: to, revokedAt, revocationReason: REASON })
    .where(and(eq(keys.id, id), eq(keys.status, from)))
    .returning({ requestId: keys.requestId });
  return key?.requestId ?? null;
}

async function recordKeyEnd({ tx, at }: Change, { id }: RevokedKey, action: 'key.revoked' | 'key.withdrawn') {
  const row = await mustFindKey(tx, id);
  const details = { reason: REASON, holder: holderIdOf(row) };
  await recordKeyEvent(tx, { at, by: SYSTEM, action, row, details });
}
