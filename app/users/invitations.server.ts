import { and, desc, eq, gt, isNull, lte, type SQL } from 'drizzle-orm';
import type { AppContext } from '~/app-context.server';
import { type Actor, type AuditEvent, record } from '~/audit/record.server';
import { newId } from '~/core/ids.server';
import { err, ok, type Result } from '~/core/result';
import { hashOneTimeToken, newOneTimeToken } from '~/crypto/one-time-token.server';
import type { Queries } from '~db/database';
import { invitations, users } from '~db/schema';
import type { UserRole } from '~db/schema/enums';
import type { InvitationView } from './users.schema';

const INVITATION_TTL_MS = 7 * 24 * 60 * 60 * 1000;

const isOpen = () => and(isNull(invitations.acceptedAt), isNull(invitations.revokedAt));

/**
 * Creates a one-time link with which the person at this address can join. Only the hash of its token is stored, so
 * the link exists only in the result.
 *
 * Errors: email-taken, already-invited.
 */
export async function invite(
  app: Pick<AppContext, 'config' | 'db' | 'now'>,
  actor: Actor,
  { email, role }: { email: string; role: UserRole },
): Promise<Result<{ url: string; expiresAt: number }>> {
  const at = app.now();
  const token = newOneTimeToken();
  const id = newId('inv');
  const expiresAt = at + INVITATION_TTL_MS;
  return await app.db.write(async (tx): Promise<Result<{ url: string; expiresAt: number }>> => {
    if (await userExists(tx, email)) return err('email-taken', { email });
    const expired = and(eq(invitations.email, email), lte(invitations.expiresAt, at));
    await revokeOpenInvitations(tx, at, actor, expired, 'expired');
    const [open] = await tx
      .select({ id: invitations.id })
      .from(invitations)
      .where(and(eq(invitations.email, email), isOpen()));
    if (open !== undefined) return err('already-invited', { email });
    await tx.insert(invitations).values({
      id,
      tokenHash: hashOneTimeToken(token),
      email,
      role,
      invitedBy: actor.id,
      createdAt: at,
      expiresAt,
    });
    await record(tx, {
      at,
      by: actor,
      action: 'user.invited',
      subject: `invitation:${id}`,
      details: { email, role, expiresAt },
    });
    return ok({ url: `${app.config.origin}/invite?token=${token}`, expiresAt });
  });
}

/** The open invitations, newest first. Expired ones are left out. */
export async function listInvitations({
  db,
  now,
}: Pick<AppContext, 'db' | 'now'>): Promise<InvitationView[]> {
  return await selectOpenInvitations(db.read, now()).orderBy(
    desc(invitations.createdAt),
    desc(invitations.id),
  );
}

/** Revokes an open invitation. Errors: invitation-not-found. */
export async function revokeInvitation(
  app: Pick<AppContext, 'db' | 'now'>,
  actor: Actor,
  id: string,
): Promise<Result<null>> {
  return await app.db.write(async (tx) => {
    const revoked = await revokeOpenInvitations(tx, app.now(), actor, eq(invitations.id, id));
    return revoked === 0 ? err('invitation-not-found') : ok(null);
  });
}

/** Revokes every open invitation. Returns how many. */
export async function revokeAllInvitations(
  tx: Queries,
  at: number,
  by: AuditEvent['by'],
  why: 'restored',
): Promise<number> {
  return await revokeOpenInvitations(tx, at, by, undefined, why);
}

/**
 * Revokes the open invitations of someone who may no longer invite. Prevents a disabled admin from coming back through
 * a link of their own. Returns how many.
 */
export async function revokeInvitationsBy(
  tx: Queries,
  at: number,
  by: Actor,
  inviterId: string,
): Promise<number> {
  return await revokeOpenInvitations(tx, at, by, eq(invitations.invitedBy, inviterId));
}

async function revokeOpenInvitations(
  tx: Queries,
  at: number,
  by: AuditEvent['by'],
  which: SQL | undefined,
  why?: 'expired' | 'restored',
): Promise<number> {
  const revoked = await tx
    .update(invitations)
    .set({ revokedAt: at })
    .where(and(which, isOpen()))
    .returning({ id: invitations.id, email: invitations.email, role: invitations.role });
  for (const { id, email, role } of revoked) {
    await record(tx, {
      at,
      by,
      action: 'invitation.revoked',
      subject: `invitation:${id}`,
      details: { email, role, why },
    });
  }
  return revoked.length;
}

/** Invitations that can be accepted now, made by someone who is still an enabled admin: all, or by token. */
export function selectOpenInvitations(queries: Queries, now: number, token?: string) {
  return queries
    .select({
      id: invitations.id,
      email: invitations.email,
      role: invitations.role,
      invitedBy: { id: users.id, name: users.name },
      createdAt: invitations.createdAt,
      expiresAt: invitations.expiresAt,
    })
    .from(invitations)
    .innerJoin(users, eq(users.id, invitations.invitedBy))
    .where(
      and(
        isOpen(),
        gt(invitations.expiresAt, now),
        eq(users.role, 'admin'),
        isNull(users.disabledAt),
        token === undefined ? undefined : eq(invitations.tokenHash, hashOneTimeToken(token)),
      ),
    );
}

/** Whether a user has this email address, enabled or not. */
export async function userExists(queries: Queries, email: string): Promise<boolean> {
  const [user] = await queries.select({ id: users.id }).from(users).where(eq(users.email, email));
  return user !== undefined;
}
