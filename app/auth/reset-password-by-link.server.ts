import { eq } from 'drizzle-orm';
import type { AppContext } from '~/app-context.server';
import { type Actor, type ClientInfo, record } from '~/audit/record.server';
import { err, ok, type Result } from '~/core/result';
import { checkPasswordStrength, hashPassword } from '~/crypto/passwords.server';
import { passwordResets, users } from '~db/schema';
import { findOpenResetLink } from './reset-links.server';
import { endSessionsOf, replaceSession, type SignInResult } from './sessions.server';

/**
 * Sets the password of the user whom a link was created for, ends all their sessions and signs this browser in. A
 * link works once, also under concurrent calls.
 *
 * Errors: invalid-reset-link, weak-password.
 *
 * @param previousSessionId the stored id of the session that the call came with; it ends.
 */
export async function resetPasswordByLink(
  app: Pick<AppContext, 'config' | 'db' | 'events' | 'now'>,
  origin: ClientInfo,
  previousSessionId: string | null,
  input: { token: string; password: string },
): Promise<Result<SignInResult>> {
  const found = await findOpenResetLink(app.db.read, app.now(), input.token);
  if (found === null) return err('invalid-reset-link');
  const strength = checkPasswordStrength(input.password, [found.user.email, found.user.name]);
  if (!strength.ok) return strength;
  const passwordHash = await hashPassword(input.password);

  const result = await app.db.write(async (tx): Promise<Result<SignInResult>> => {
    const at = app.now();
    // Again: the link may have been used or revoked while the password was being hashed.
    const link = await findOpenResetLink(tx, at, input.token);
    if (link === null) return err('invalid-reset-link');
    const { id, madeBy, user } = link;
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
    return ok({ user, cookie: await replaceSession(app, tx, by, previousSessionId) });
  });
  if (result.ok) app.events.emit('user-changed', { userId: result.value.user.id });
  return result;
}
