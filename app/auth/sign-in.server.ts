import { createHash } from 'node:crypto';
import { and, eq, isNull } from 'drizzle-orm';
import type { AppContext } from '~/app-context.server';
import { type AnonymousActor, type ClientInfo, record } from '~/audit/record.server';
import { err, ok, type Result } from '~/core/result';
import { verifyPassword } from '~/crypto/passwords.server';
import { users } from '~db/schema';
import { replaceSession, type SignInResult } from './sessions.server';

/**
 * Signs a user in with email and password and starts a new session.
 *
 * Failures are recorded with the email entered. An unknown account, a disabled account and a wrong password return the
 * same error after the same work, so that neither text nor timing reveals which accounts exist (account enumeration).
 *
 * Errors: too-many-attempts, sign-in-failed.
 *
 * @param previousSessionId the stored id of the session that the call came with; it ends.
 */
export async function signIn(
  app: Pick<AppContext, 'config' | 'db' | 'now' | 'signInRateLimiter'>,
  origin: ClientInfo,
  previousSessionId: string | null,
  input: { email: string; password: string },
): Promise<Result<SignInResult>> {
  const anonymous: AnonymousActor = { ...origin, id: null, email: input.email };
  const [account] = await app.db.read.select().from(users).where(eq(users.email, input.email));
  const attempt = await app.signInRateLimiter.begin(
    rateLimitKey(input.email, account?.passwordHash),
    origin.address,
  );
  if (!attempt.ok) {
    if (attempt.first) await recordRefusal(app, anonymous, null, 'too-many-attempts');
    return err('too-many-attempts', { minutes: attempt.waitMinutes });
  }

  const matches = await verifyPassword(account?.passwordHash ?? null, input.password);
  if (account === undefined) {
    await recordRefusal(app, anonymous, null, 'unknown-account');
    return err('sign-in-failed');
  }
  if (!matches || account.disabledAt !== null) {
    await recordRefusal(app, anonymous, account.id, matches ? 'disabled-account' : 'wrong-password');
    return err('sign-in-failed');
  }

  const { id, email, name, passwordHash } = account;
  const signedIn = await app.db.write(async (tx): Promise<SignInResult | null> => {
    // The account may have been disabled, or its password changed, while the password was being verified.
    const [unchanged] = await tx
      .select({ role: users.role })
      .from(users)
      .where(and(eq(users.id, id), eq(users.passwordHash, passwordHash), isNull(users.disabledAt)));
    if (unchanged === undefined) return null;
    const user = { id, email, name, role: unchanged.role };
    return { user, cookie: await replaceSession(app, tx, { ...user, ...origin }, previousSessionId) };
  });
  if (signedIn === null) {
    await recordRefusal(app, anonymous, id, 'changed-meanwhile');
    return err('sign-in-failed');
  }
  await attempt.succeeded();
  return ok(signedIn);
}

/**
 * Failures are counted per account and current password hash, so that a password reset lifts the limit: someone with
 * a new password doesn't have to wait for failures with the old one to expire.
 */
function rateLimitKey(email: string, passwordHash = ''): string {
  return `sign-in:${email}:${createHash('sha256').update(passwordHash).digest('base64url')}`;
}

function recordRefusal(
  app: Pick<AppContext, 'db' | 'now'>,
  by: AnonymousActor,
  userId: string | null,
  why: string,
): Promise<void> {
  return app.db.write((tx) =>
    record(tx, {
      at: app.now(),
      by,
      action: 'session.refused',
      subject: `user:${userId ?? 'unknown'}`,
      details: { why },
    }),
  );
}
