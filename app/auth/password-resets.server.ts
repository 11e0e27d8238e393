import { and, eq, gt, isNull, or } from 'drizzle-orm';
import { alias } from 'drizzle-orm/sqlite-core';
import type { AppContext } from '~/app-context.server';
import { type Actor, type AuditEvent, type ClientInfo, record } from '~/audit/record.server';
import { newId } from '~/core/ids.server';
import { err, ok, type Result } from '~/core/result';
import { hashOneTimeToken, newOneTimeToken } from '~/crypto/one-time-token.server';
import { checkPasswordStrength, hashPassword } from '~/crypto/passwords.server';
import type { Queries } from '~db/database';
import { passwordResets, users } from '~db/schema';
import type { Session } from './sessions.server';
import { endSessionsOf, replaceSession } from './sessions.server';

/** Somebody who is signed in now; `cookie` is the Set-Cookie value that makes them so. */
interface Entry {
  user: Session['user'];
  cookie: string;
}

type Needs = Pick<AppContext, 'config' | 'db' | 'events' | 'now'>;

const RESET_LINK_TTL_MS = 24 * 60 * 60 * 1000;

const isOpen = () => and(isNull(passwordResets.usedAt), isNull(passwordResets.revokedAt));

/**
 * Makes a one-time link by which this person chooses a new password; an earlier one that is open ends. Only its
 * hash is kept: the link is in this answer and nowhere else. Never for oneself: an admin's session that somebody
 * else has must not become their password.
 *
 * Refuses: own-account, user-not-found, account-disabled.
 */
export async function createResetLink(
  app: Needs,
  actor: Actor,
  userId: string,
): Promise<Result<{ url: string; expiresAt: number }>> {
  if (userId === actor.id) return err('own-account');
  const at = app.now();
  const token = newOneTimeToken();
  const id = newId('rst');
  const expiresAt = at + RESET_LINK_TTL_MS;
  const outcome = await app.db.write(async (tx): Promise<Result<null>> => {
    const [user] = await tx.select().from(users).where(eq(users.id, userId));
    if (user === undefined) return err('user-not-found');
    if (user.disabledAt !== null) return err('account-disabled');
    await revokeResetLinks(tx, at, actor, { for: userId });
    await tx.insert(passwordResets).values({
      id,
      tokenHash: hashOneTimeToken(token),
      userId,
      madeBy: actor.id,
      createdAt: at,
      expiresAt,
    });
    await record(tx, {
      at,
      by: actor,
      action: 'reset_link.made',
      subject: `user:${userId}`,
      details: { link: id, email: user.email, expiresAt },
    });
    return ok(null);
  });
  return outcome.ok ? ok({ url: `${app.config.origin}/reset-password?token=${token}`, expiresAt }) : outcome;
}

/**
 * Makes open links worthless, each with its audit entry: those for a person, those for or by a person whose
 * powers change, or all.
 */
export async function revokeResetLinks(
  tx: Queries,
  at: number,
  by: AuditEvent['by'],
  which: { for: string } | { forOrBy: string } | 'all',
): Promise<void> {
  const whose =
    which === 'all'
      ? undefined
      : 'for' in which
        ? eq(passwordResets.userId, which.for)
        : or(eq(passwordResets.userId, which.forOrBy), eq(passwordResets.madeBy, which.forOrBy));
  const revoked = await tx
    .update(passwordResets)
    .set({ revokedAt: at })
    .where(and(whose, isOpen()))
    .returning({ id: passwordResets.id, userId: passwordResets.userId });
  for (const { id, userId } of revoked) {
    const details = { link: id };
    await record(tx, { at, by, action: 'reset_link.revoked', subject: `user:${userId}`, details });
  }
}

/** Whose password the bearer of a link may choose. Refuses: invalid-reset-link. */
export async function getResetLink(
  { db, now }: Pick<AppContext, 'db' | 'now'>,
  token: string,
): Promise<Result<{ email: string; expiresAt: number }>> {
  const open = await findOpen(db.read, now(), token);
  if (open === null) return err('invalid-reset-link');
  return ok({ email: open.user.email, expiresAt: open.expiresAt });
}

/**
 * Gives the person whom a link is for the password that its bearer chose, ends all their sessions and starts one
 * for this browser. A link works once: of several at once, one wins.
 *
 * Refuses: invalid-reset-link, weak-password.
 *
 * @param presented the stored id of the session that the browser came with, which ends.
 */
export async function resetPasswordByLink(
  app: Needs,
  origin: ClientInfo,
  presented: string | null,
  input: { token: string; password: string },
): Promise<Result<Entry>> {
  const open = await findOpen(app.db.read, app.now(), input.token);
  if (open === null) return err('invalid-reset-link');
  const strong = checkPasswordStrength(input.password, [open.user.email, open.user.name]);
  if (!strong.ok) return strong;
  const passwordHash = await hashPassword(input.password);

  const outcome = await app.db.write(async (tx): Promise<Result<Entry>> => {
    const at = app.now();
    // Used, replaced or without its maker's powers since it was looked at.
    const still = await findOpen(tx, at, input.token);
    if (still === null) return err('invalid-reset-link');
    const { id, madeBy, user } = still;
    await tx.update(passwordResets).set({ usedAt: at }).where(eq(passwordResets.id, id));
    await tx.update(users).set({ passwordHash }).where(eq(users.id, user.id));
    const sessionsEnded = await endSessionsOf(tx, user.id);
    const by: Actor = { ...user, ...origin };
    await record(tx, {
      at,
      by,
      action: 'password.reset',
      subject: `user:${user.id}`,
      details: { email: user.email, sessionsEnded, link: id, linkBy: madeBy },
    });
    return ok({ user, cookie: await replaceSession(app, tx, by, presented) });
  });
  if (outcome.ok) app.events.emit('user-changed', { userId: outcome.value.user.id });
  return outcome;
}

/** The link with this token that works now: made by somebody who is still an admin, for somebody enabled. */
async function findOpen(queries: Queries, now: number, token: string) {
  const maker = alias(users, 'maker');
  const [open] = await queries
    .select({
      id: passwordResets.id,
      madeBy: passwordResets.madeBy,
      expiresAt: passwordResets.expiresAt,
      user: { id: users.id, email: users.email, name: users.name, role: users.role },
    })
    .from(passwordResets)
    .innerJoin(users, eq(users.id, passwordResets.userId))
    .innerJoin(maker, eq(maker.id, passwordResets.madeBy))
    .where(
      and(
        eq(passwordResets.tokenHash, hashOneTimeToken(token)),
        isOpen(),
        gt(passwordResets.expiresAt, now),
        isNull(users.disabledAt),
        eq(maker.role, 'admin'),
        isNull(maker.disabledAt),
      ),
    );
  return open ?? null;
}
