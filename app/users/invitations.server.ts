import { and, desc, eq, gt, isNull, lte, type SQL } from 'drizzle-orm';
import type { App } from '~/app.server';
import { type Actor, type Event, type Origin, record } from '~/audit/audit.server';
import type { Entered } from '~/auth/auth.server';
import { hashOneTimeToken, newOneTimeToken } from '~/auth/one-time-token.server';
import { checkPassword, hashPassword } from '~/auth/passwords.server';
import { replaceSession } from '~/auth/sessions.server';
import { accept, type Outcome, refuse } from '~/errors';
import { newId } from '~/ids.server';
import type { Queries } from '~db/client.server';
import { invitations, users } from '~db/schema';
import type { UserRole } from '~db/schema/words';
import type { InvitationView } from './users.schema';

type Needs = Pick<App, 'config' | 'db' | 'events' | 'now'>;

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
): Promise<Outcome<{ url: string; expiresAt: number }>> {
  const at = app.now();
  const token = newOneTimeToken();
  const id = newId('inv');
  const expiresAt = at + INVITATION_TTL_MS;
  const outcome = await app.db.write(async (tx): Promise<Outcome<null>> => {
    if (await isUser(tx, email)) return refuse('email-taken', { email });
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
    if (open !== undefined) return refuse('already-invited', { email });
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
    return accept(null);
  });
  return outcome.ok ? accept({ url: `${app.config.origin}/invite?token=${token}`, expiresAt }) : outcome;
}

/** Every invitation still open, the newest first; those that ran out are no longer. */
export async function listInvitations({ db, now }: Pick<App, 'db' | 'now'>): Promise<InvitationView[]> {
  return await selectOpen(db.read, now()).orderBy(desc(invitations.createdAt), desc(invitations.id));
}

/** Makes an open invitation's link worthless. Refuses: no-such-invitation. */
export async function revokeInvitation(app: Needs, actor: Actor, id: string): Promise<Outcome<null>> {
  return await app.db.write(async (tx) => {
    const revoked = await revokeOpen(tx, app.now(), actor, eq(invitations.id, id));
    return revoked === 0 ? refuse('no-such-invitation') : accept(null);
  });
}

/** Makes every open link worthless. */
export async function revokeAllInvitations(
  tx: Queries,
  at: number,
  by: Event['by'],
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
  by: Event['by'],
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

/** What the bearer of a link is told before joining. Refuses: bad-invitation. */
export async function describeInvitation(
  { db, now }: Pick<App, 'db' | 'now'>,
  token: string,
): Promise<Outcome<Pick<InvitationView, 'email' | 'role' | 'expiresAt'> & { invitedBy: string }>> {
  const [open] = await selectOpen(db.read, now(), token);
  if (open === undefined) return refuse('bad-invitation');
  const { email, role, expiresAt, invitedBy } = open;
  return accept({ email, role, expiresAt, invitedBy: invitedBy.name });
}

/**
 * Makes the bearer of a link a user and signs them in. A link works once: of several at once, one wins.
 *
 * Refuses: bad-invitation, weak-password, email-taken.
 */
export async function acceptInvitation(
  app: Needs,
  origin: Origin,
  presented: string | null,
  input: { token: string; name: string; password: string },
): Promise<Outcome<Entered>> {
  const at = app.now();
  const [open] = await selectOpen(app.db.read, at, input.token);
  if (open === undefined) return refuse('bad-invitation');
  const strong = checkPassword(input.password, [open.email, input.name]);
  if (!strong.ok) return strong;
  const passwordHash = await hashPassword(input.password);

  const user = { id: newId('usr'), email: open.email, name: input.name, role: open.role };
  const by: Actor = { ...user, ...origin };
  const outcome = await app.db.write(async (tx): Promise<Outcome<Entered>> => {
    if (await isUser(tx, user.email)) return refuse('email-taken', { email: user.email });
    // Used, withdrawn or without its inviter's powers since it was looked at.
    const [still] = await selectOpen(tx, at, input.token);
    if (still === undefined) return refuse('bad-invitation');
    await tx.update(invitations).set({ acceptedAt: at }).where(eq(invitations.id, open.id));
    await tx.insert(users).values({ ...user, passwordHash, createdAt: at });
    await record(tx, {
      at,
      by,
      action: 'user.joined',
      subject: `user:${user.id}`,
      details: { role: user.role, invitation: open.id, invitedBy: open.invitedBy.id },
    });
    return accept({ user, cookie: await replaceSession(app, tx, by, presented) });
  });
  if (outcome.ok) app.events.emit('user-changed', { userId: user.id });
  return outcome;
}

/** Invitations that can be accepted now, made by somebody who may still invite; all, or the one with this token. */
function selectOpen(queries: Queries, now: number, token?: string) {
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

async function isUser(queries: Queries, email: string): Promise<boolean> {
  const [user] = await queries.select({ id: users.id }).from(users).where(eq(users.email, email));
  return user !== undefined;
}
