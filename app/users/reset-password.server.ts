import { eq } from 'drizzle-orm';
import type { AppContext } from '~/app-context.server';
import { record, SYSTEM } from '~/audit/record.server';
import { revokeResetLinks } from '~/auth/reset-links.server';
import { endSessionsOf } from '~/auth/sessions.server';
import { err, ok, type Result } from '~/core/result';
import { checkPasswordStrength, hashPassword } from '~/crypto/passwords.server';
import { users } from '~db/schema';

/**
 * Sets a user's password from the command line, ends their sessions and revokes their reset links.
 *
 * Errors: user-not-found, weak-password.
 */
export async function resetPassword(
  app: Pick<AppContext, 'db' | 'now'>,
  { email, password }: { email: string; password: string },
): Promise<Result<{ sessionsEnded: number; disabled: boolean }>> {
  const [user] = await app.db.read.select({ name: users.name }).from(users).where(eq(users.email, email));
  if (user === undefined) return err('user-not-found');
  const strength = checkPasswordStrength(password, [email, user.name]);
  if (!strength.ok) return strength;
  const passwordHash = await hashPassword(password);
  const at = app.now();
  return await app.db.write(async (tx): Promise<Result<{ sessionsEnded: number; disabled: boolean }>> => {
    const [changed] = await tx
      .update(users)
      .set({ passwordHash })
      .where(eq(users.email, email))
      .returning({ id: users.id, disabledAt: users.disabledAt });
    if (changed === undefined) return err('user-not-found');
    const sessionsEnded = await endSessionsOf(tx, changed.id);
    await revokeResetLinks(tx, at, SYSTEM, { for: changed.id });
    await record(tx, {
      at,
      by: SYSTEM,
      action: 'password.reset',
      subject: `user:${changed.id}`,
      details: { email, sessionsEnded, from: 'command line' },
    });
    return ok({ sessionsEnded, disabled: changed.disabledAt !== null });
  });
}
