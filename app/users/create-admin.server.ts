import type { AppContext } from '~/app-context.server';
import { record, SYSTEM } from '~/audit/record.server';
import { newId } from '~/core/ids.server';
import { err, ok, type Result } from '~/core/result';
import { checkPasswordStrength, hashPassword } from '~/crypto/passwords.server';
import { users } from '~db/schema';
import { userExists } from './invitations.server';

/**
 * Creates an admin from the command line: the first one, or a new one when no admin can sign in any more.
 *
 * Errors: weak-password, email-taken.
 */
export async function createAdmin(
  app: Pick<AppContext, 'db' | 'now'>,
  { email, name, password }: { email: string; name: string; password: string },
): Promise<Result<{ id: string }>> {
  const strength = checkPasswordStrength(password, [email, name]);
  if (!strength.ok) return strength;
  const admin = { id: newId('usr'), email, name, passwordHash: await hashPassword(password) };
  const at = app.now();
  return await app.db.write(async (tx): Promise<Result<{ id: string }>> => {
    if (await userExists(tx, email)) return err('email-taken', { email });
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
