import { eq } from 'drizzle-orm';
import type { AppContext } from '~/app-context.server';
import { record, SYSTEM } from '~/audit/record.server';
import { revokeResetLinks } from '~/auth/password-resets.server';
import { endSessionsOf } from '~/auth/sessions.server';
import { newId } from '~/core/ids.server';
import { err, ok, type Result } from '~/core/result';
import { checkPasswordStrength, hashPassword } from '~/crypto/passwords.server';
import { users } from '~db/schema';

type Needs = Pick<AppContext, 'db' | 'now'>;

/**
 * Makes an admin, at the word of somebody who has this machine: for the first one, and for the day when no
 * admin can sign in any more. Refuses: weak-password, email-taken.
 */
export async function createAdmin(
  app: Needs,
  { email, name, password }: { email: string; name: string; password: string },
): Promise<Result<{ id: string }>> {
  const strong = checkPasswordStrength(password, [email, name]);
  if (!strong.ok) return strong;
  const admin = { id: newId('usr'), email, name, passwordHash: await hashPassword(password) };
  const at = app.now();
  return await app.db.write(async (tx): Promise<Result<{ id: string }>> => {
    const [taken] = await tx.select({ id: users.id }).from(users).where(eq(users.email, email));
    if (taken !== undefined) return err('email-taken', { email });
    await tx.insert(users).values({ ...admin, role: 'admin', createdAt: at });
    await record(tx, {
      at,
      by: SYSTEM,
      action: 'user.created',
      subject: `user:${admin.id}`,
      details: { email, role: 'admin', from: 'command line' },
    });
    return ok({ id: admin.id });
  });
}

/**
 * Gives anybody a new password, at the word of somebody who has this machine, and ends all their sessions.
 * Refuses: user-not-found, weak-password.
 */
export async function resetPassword(
  app: Needs,
  { email, password }: { email: string; password: string },
): Promise<Result<{ sessionsEnded: number; disabled: boolean }>> {
  const [user] = await app.db.read.select({ name: users.name }).from(users).where(eq(users.email, email));
  if (user === undefined) return err('user-not-found');
  const strong = checkPasswordStrength(password, [email, user.name]);
  if (!strong.ok) return strong;
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
