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

type Needs = Pick<AppContext, 'config' | 'db' | 'now'>;

const INVITATION_TTL_MS = 7 * 24 * 60 * 60 * 1000;

const isOpen = () => and(isNull(invitations.acceptedAt), isNull(invitations.revokedAt));

/**
 * Makes a one-time link by which the person with this address can join. Only its hash is kept: the link is
 * in this answer and nowhere else.
 *
 * Refuses: email-taken, already-invited.
 */
export async function invite(
  app: Needs,
  actor: Actor,
  { email, role }: { email: string; role: UserRole },
): Promise<Result<{ url: string; expiresAt: number }>> {
  const at = app.now();
  const token = newOneTimeToken();
  const id = newId('inv');
  const expiresAt = at + INVITATION_TTL_MS;
  const outcome = await app.db.write(async (tx): Promise<Result<null>> => {
    if (await userExists(tx, email)) return err('email-taken', { email });
    // One that has run out makes room for the new one.
    await revokeOpen(
      tx,
      at,
      actor,
      and(eq(invitations.email, email), lte(invitations.expiresAt, at)),
      'expired',
    );
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
    return ok(null);
  });
  return outcome.ok ? ok({ url: `${app.config.origin}/invite?token=${token}`, expiresAt }) : outcome;
}

/** Every invitation still open, the newest first; those that ran out are no longer. */
export async function listInvitations({
  db,
  now,
}: Pick<AppContext, 'db' | 'now'>): Promise<InvitationView[]> {
  return await selectOpenInvitation(db.read, now()).orderBy(
    desc(invitations.createdAt),
    desc(invitations.id),
  );
}

/** Makes an open invitation's link worthless. Refuses: invitation-not-found. */
export async function revokeInvitation(app: Needs, actor: Actor, id: string): Promise<Result<null>> {
  return await app.db.write(async (tx) => {
    const revoked = await revokeOpen(tx, app.now(), actor, eq(invitations.id, id));
    return revoked === 0 ? err('invitation-not-found') : ok(null);
  });
}

/** Makes every open link worthless. */
export async function revokeAllInvitations(
  tx: Queries,
  at: number,
  by: AuditEvent['by'],
  why: 'restored',
): Promise<number> {
  return await revokeOpen(tx, at, by, undefined, why);
}

/**
 * Makes the links that somebody handed out worthless, who may no longer invite: else an admin could come
 * back through a link of their own after being disabled.
 */
export async function revokeInvitationsBy(
  tx: Queries,
  at: number,
  by: Actor,
  inviterId: string,
): Promise<number> {
  return await revokeOpen(tx, at, by, eq(invitations.invitedBy, inviterId));
}

async function revokeOpen(
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

/** Invitations that can be accepted now, made by somebody who may still invite; all, or the one with this token. */
export function selectOpenInvitation(queries: Queries, now: number, token?: string) {
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

/** Whether somebody with this address is a user here, enabled or not. */
export async function userExists(queries: Queries, email: string): Promise<boolean> {
  const [user] = await queries.select({ id: users.id }).from(users).where(eq(users.email, email));
  return user !== undefined;
}
