import { and, eq, isNull } from 'drizzle-orm';
import type { AppContext } from '~/app-context.server';
import { formatHead, type Head } from '~/audit/audit.schema';
import { record, SYSTEM } from '~/audit/record.server';
import { revokeResetLinks } from '~/auth/reset-links.server';
import { transitions } from '~/keys/key-state-machine';
import { recordKeyEvent } from '~/keys/record-key-event.server';
import { holderIdOf, mustFindKey } from '~/keys/select-keys.server';
import type { SealedCredential } from '~/master-key/master-key.server';
import { forgetCredentials } from '~/master-key/master-key-rotation.server';
import { revokeAllInvitations } from '~/users/invitations.server';
import type { Queries } from '~db/database';
import { keys, requests, serviceAccounts, sessions, users } from '~db/schema';
import { openDatabaseToRead } from '~db/sqlite/connection.server';

/** What must stay dead, by the word of the database that a restore replaces. Times as they were. */
export interface Revocations {
  /** Keys that were revoked, and those whose request was withdrawn. */
  keys: { id: string; revokedAt: number }[];
  users: { id: string; disabledAt: number }[];
  serviceAccounts: { id: string; disabledAt: number }[];
  /** Who is no admin. */
  members: { id: string }[];
}

/** How many of those a backup had alive, pending, or as admins. */
export interface ReappliedCounts {
  keys: number;
  requests: number;
  users: number;
  serviceAccounts: number;
  admins: number;
}

const REASON = 'Revoked after the backup was made that is restored now.';
const WITHDRAWN = 'Ended after the backup was made that is restored now.';

/**
 * The keys and requests that ended, the people and service accounts disabled, and those who are no admins in the
 * database at `path`; null when it cannot be read. In plain SQL: it may have the schema of another version.
 */
export function readRevocations(path: string): Revocations | null {
  try {
    const { sqlite, close } = openDatabaseToRead(path);
    try {
      return {
        keys: sqlite
          .prepare<[], Revocations['keys'][number]>(
            "select id, revoked_at as revokedAt from keys where status = 'REVOKED'",
          )
          .all(),
        users: sqlite
          .prepare<[], Revocations['users'][number]>(
            'select id, disabled_at as disabledAt from users where disabled_at is not null',
          )
          .all(),
        // The table is newer than the first versions.
        serviceAccounts: hasTable(sqlite, 'service_accounts')
          ? sqlite
              .prepare<[], Revocations['serviceAccounts'][number]>(
                'select id, disabled_at as disabledAt from service_accounts where disabled_at is not null',
              )
              .all()
          : [],
        members: sqlite
          .prepare<[], Revocations['members'][number]>("select id from users where role = 'member'")
          .all(),
      };
    } finally {
      close();
    }
  } catch {
    return null;
  }
}

const hasTable = (sqlite: ReturnType<typeof openDatabaseToRead>['sqlite'], name: string): boolean =>
  sqlite.prepare("select 1 from sqlite_master where type = 'table' and name = ?").get(name) !== undefined;

/**
 * In one transaction on the restored database, each change with its audit entry: every session and every open
 * link (to join, to reset a password) ends, what had ended since the backup ends again, and credentials that
 * nothing opens are deleted.
 *
 * @returns what ended again; null when nothing is known of that.
 */
export async function reapplyRevocations(
  { db, now }: Pick<AppContext, 'db' | 'now'>,
  { head, ended, lost }: { head: Head; ended: Revocations | null; lost: SealedCredential[] },
): Promise<ReappliedCounts | null> {
  const at = now();
  return await db.write(async (tx) => {
    const sessionsEnded = (await tx.delete(sessions).returning({ id: sessions.id })).length;
    const invitationsRevoked = await revokeAllInvitations(tx, at, SYSTEM, 'restored');
    await revokeResetLinks(tx, at, SYSTEM, 'all');
    const again = ended && {
      users: await disableAgain(tx, at, ended.users),
      serviceAccounts: await disableAccountsAgain(tx, at, ended.serviceAccounts),
      admins: await demoteAgain(tx, at, ended.members),
      keys: await revokeAgain(tx, at, ended.keys),
      requests: await withdrawAgain(tx, at, ended.keys),
    };
    await forgetCredentials(tx, lost, at);
    await record(tx, {
      at,
      by: SYSTEM,
      action: 'database.restored',
      subject: `backup:${head.seq}`,
      details: {
        backupHead: formatHead(head),
        sessionsEnded,
        invitationsRevoked,
        keysRevokedAgain: again?.keys,
        requestsWithdrawnAgain: again?.requests,
        usersDisabledAgain: again?.users,
        serviceAccountsDisabledAgain: again?.serviceAccounts,
        adminsDemotedAgain: again?.admins,
      },
    });
    return again;
  });
}

async function disableAgain(tx: Queries, at: number, ended: Revocations['users']): Promise<number> {
  let count = 0;
  for (const { id, disabledAt } of ended) {
    const [user] = await tx
      .update(users)
      .set({ disabledAt })
      .where(and(eq(users.id, id), isNull(users.disabledAt)))
      .returning({ email: users.email });
    if (user === undefined) continue;
    const details = { email: user.email, reason: 'Disabled after the backup was made.' };
    await record(tx, { at, by: SYSTEM, action: 'user.disabled', subject: `user:${id}`, details });
    count++;
  }
  return count;
}

async function disableAccountsAgain(
  tx: Queries,
  at: number,
  ended: Revocations['serviceAccounts'],
): Promise<number> {
  let count = 0;
  for (const { id, disabledAt } of ended) {
    const [account] = await tx
      .update(serviceAccounts)
      .set({ disabledAt })
      .where(and(eq(serviceAccounts.id, id), isNull(serviceAccounts.disabledAt)))
      .returning({ name: serviceAccounts.name });
    if (account === undefined) continue;
    const details = { name: account.name, reason: 'Disabled after the backup was made.' };
    const subject = `service_account:${id}` as const;
    await record(tx, { at, by: SYSTEM, action: 'service_account.disabled', subject, details });
    count++;
  }
  return count;
}

/** The only admin of the backup, too: who took their place since is made an admin again by a command. */
async function demoteAgain(tx: Queries, at: number, members: Revocations['members']): Promise<number> {
  let count = 0;
  for (const { id } of members) {
    const [user] = await tx
      .update(users)
      .set({ role: 'member' })
      .where(and(eq(users.id, id), eq(users.role, 'admin')))
      .returning({ email: users.email });
    if (user === undefined) continue;
    const details = { email: user.email, role: 'member', reason: 'Demoted after the backup was made.' };
    await record(tx, { at, by: SYSTEM, action: 'user.demoted', subject: `user:${id}`, details });
    count++;
  }
  return count;
}

async function revokeAgain(tx: Queries, at: number, ended: Revocations['keys']): Promise<number> {
  let count = 0;
  for (const { id, revokedAt } of ended) {
    const [key] = await tx
      .update(keys)
      .set({ status: transitions.revoke.to, revokedAt, revocationReason: REASON })
      .where(and(eq(keys.id, id), eq(keys.status, transitions.revoke.from)))
      .returning({ id: keys.id });
    if (key === undefined) continue;
    const row = await mustFindKey(tx, id);
    const details = { reason: REASON, holder: holderIdOf(row) };
    await recordKeyEvent(tx, { at, by: SYSTEM, action: 'key.revoked', row, details });
    count++;
  }
  return count;
}

async function withdrawAgain(tx: Queries, at: number, ended: Revocations['keys']): Promise<number> {
  let count = 0;
  for (const { id, revokedAt } of ended) {
    const [key] = await tx
      .update(keys)
      .set({ status: transitions.withdraw.to, revokedAt, revocationReason: WITHDRAWN })
      .where(and(eq(keys.id, id), eq(keys.status, transitions.withdraw.from)))
      .returning({ requestId: keys.requestId });
    if (key === undefined) continue;
    await tx
      .update(requests)
      .set({ decision: 'withdrawn', decidedAt: revokedAt, reason: WITHDRAWN })
      .where(eq(requests.id, key.requestId));
    const row = await mustFindKey(tx, id);
    const details = { reason: WITHDRAWN, holder: holderIdOf(row) };
    await recordKeyEvent(tx, { at, by: SYSTEM, action: 'key.withdrawn', row, details });
    count++;
  }
  return count;
}
