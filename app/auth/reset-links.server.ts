import { and, eq, gt, isNull, or } from 'drizzle-orm';
import { alias } from 'drizzle-orm/sqlite-core';
import type { AppContext } from '~/app-context.server';
import { type Actor, type AuditEvent, record } from '~/audit/record.server';
import { newId } from '~/core/ids.server';
import { err, ok, type Result } from '~/core/result';
import { hashOneTimeToken, newOneTimeToken } from '~/crypto/one-time-token.server';
import type { Queries } from '~db/database';
import { passwordResets, users } from '~db/schema';

const RESET_LINK_TTL_MS = 24 * 60 * 60 * 1000;

const isOpen = () => and(isNull(passwordResets.usedAt), isNull(passwordResets.revokedAt));

/**
 * Creates a one-time link with which this user chooses a new password, and revokes their earlier one. Only the hash
 * of its token is stored, so the link exists only in the result. Not for the actor's own account: someone with a
 * stolen admin session could turn it into a password.
 *
 * Errors: own-account, user-not-found, account-disabled.
 */
export async function createResetLink(
  app: Pick<AppContext, 'config' | 'db' | 'now'>,
  actor: Actor,
  userId: string,
): Promise<Result<{ url: string; expiresAt: number }>> {
  if (userId === actor.id) return err('own-account');
  const at = app.now();
  const token = newOneTimeToken();
  const id = newId('rst');
  const expiresAt = at + RESET_LINK_TTL_MS;
  return await app.db.write(async (tx): Promise<Result<{ url: string; expiresAt: number }>> => {
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
    return ok({ url: `${app.config.origin}/reset-password?token=${token}`, expiresAt });
  });
}

/** Revokes open links, with an audit entry for each: those for a user, those for or created by a user, or all. */
export async function revokeResetLinks(
  tx: Queries,
  at: number,
  by: AuditEvent['by'],
  which: { for: string } | { forOrBy: string } | 'all',
): Promise<void> {
  const revoked = await tx
    .update(passwordResets)
    .set({ revokedAt: at })
    .where(and(linksOf(which), isOpen()))
    .returning({ id: passwordResets.id, userId: passwordResets.userId });
  for (const { id, userId } of revoked) {
    const details = { link: id };
    await record(tx, { at, by, action: 'reset_link.revoked', subject: `user:${userId}`, details });
  }
}

function linksOf(which: Parameters<typeof revokeResetLinks>[3]) {
  if (which === 'all') return undefined;
  if ('for' in which) return eq(passwordResets.userId, which.for);
  return or(eq(passwordResets.userId, which.forOrBy), eq(passwordResets.madeBy, which.forOrBy));
}

/** Whose password a link resets, by its token. Errors: invalid-reset-link. */
export async function getResetLink(
  { db, now }: Pick<AppContext, 'db' | 'now'>,
  token: string,
): Promise<Result<{ email: string; expiresAt: number }>> {
  const link = await findOpenResetLink(db.read, now(), token);
  if (link === null) return err('invalid-reset-link');
  return ok({ email: link.user.email, expiresAt: link.expiresAt });
}

/** The usable link with this token: open, for an enabled user, created by someone who is still an enabled admin. */
export async function findOpenResetLink(queries: Queries, now: number, token: string) {
  const maker = alias(users, 'maker');
  const [link] = await queries
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
  return link ?? null;
}
