import { and, eq, isNull } from 'drizzle-orm';
import type { AppContext } from '~/app-context.server';
import { type Actor, record } from '~/audit/record.server';
import { err, ok, type Result } from '~/core/result';
import { checkPasswordStrength, hashPassword, verifyPassword } from '~/crypto/passwords.server';
import { users } from '~db/schema';
import { revokeResetLinks } from './reset-links.server';
import { endSession, endSessionsOf, startSession } from './sessions.server';

/**
 * Changes the actor's password, ends all their sessions and starts a new one for this browser.
 *
 * Errors: too-many-attempts, wrong-password (recorded), unchanged, weak-password.
 *
 * @returns the new session's Set-Cookie value, and how many other sessions ended.
 */
export async function changePassword(
  app: Pick<AppContext, 'config' | 'db' | 'events' | 'now' | 'signInRateLimiter'>,
  actor: Actor,
  sessionId: string,
  input: { currentPassword: string; newPassword: string },
): Promise<Result<{ cookie: string; othersEnded: number }>> {
  // Prevents guessing the password in a session that was left open.
  const attempt = await app.signInRateLimiter.begin(`password:${actor.id}`, actor.address);
  if (!attempt.ok) return err('too-many-attempts', { minutes: attempt.waitMinutes });

  const [account] = await app.db.read.select().from(users).where(eq(users.id, actor.id));
  if (account === undefined || !(await verifyPassword(account.passwordHash, input.currentPassword))) {
    await app.db.write((tx) =>
      record(tx, { at: app.now(), by: actor, action: 'password.refused', subject: `user:${actor.id}` }),
    );
    return err('wrong-password');
  }
  await attempt.succeeded();
  if (input.newPassword === input.currentPassword) return err('unchanged', { state: 'your password' });
  const strength = checkPasswordStrength(input.newPassword, [actor.email, actor.name]);
  if (!strength.ok) return strength;
  const passwordHash = await hashPassword(input.newPassword);

  const result = await app.db.write(async (tx): Promise<Result<{ cookie: string; othersEnded: number }>> => {
    const [changed] = await tx
      .update(users)
      .set({ passwordHash })
      .where(
        and(eq(users.id, actor.id), eq(users.passwordHash, account.passwordHash), isNull(users.disabledAt)),
      )
      .returning({ id: users.id });
    if (changed === undefined) return err('wrong-password');
    const othersEnded = await endSessionsOf(tx, actor.id, sessionId);
    await revokeResetLinks(tx, app.now(), actor, { for: actor.id });
    await record(tx, {
      at: app.now(),
      by: actor,
      action: 'password.changed',
      subject: `user:${actor.id}`,
      details: { othersEnded },
    });
    await endSession(tx, sessionId);
    return ok({ cookie: await startSession(app, tx, actor.id, actor), othersEnded });
  });
  if (result.ok) app.events.emit('user-changed', { userId: actor.id });
  return result;
}
