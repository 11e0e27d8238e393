import { createHash } from 'node:crypto';
import { and, eq, isNull } from 'drizzle-orm';
import type { AppContext } from '~/app-context.server';
import { type Actor, type AnonymousActor, type ClientInfo, record } from '~/audit/record.server';
import { err, ok, type Result } from '~/core/result';
import { checkPasswordStrength, hashPassword, verifyPassword } from '~/crypto/passwords.server';
import { users } from '~db/schema';
import { revokeResetLinks } from './password-resets.server';
import type { Session } from './sessions.server';
import { endSession, endSessionsOf, replaceSession, startSession } from './sessions.server';

type Needs = Pick<AppContext, 'config' | 'db' | 'events' | 'now' | 'signInRateLimiter'>;

export type SessionUser = Session['user'];

/** Somebody who is signed in now; `cookie` is the Set-Cookie value that makes them so. */
export interface SignInResult {
  user: SessionUser;
  cookie: string;
}

/**
 * Lets a person in by e-mail and password and starts a new session.
 *
 * Refuses: too-many-attempts; sign-in-failed, in the same words and after the same work whether the account is
 * unknown, disabled or has another password. Refusals stand on the audit trail with the e-mail typed.
 *
 * @param presented the stored id of the session that the browser came with, which ends.
 */
export async function signIn(
  app: Needs,
  origin: ClientInfo,
  presented: string | null,
  input: { email: string; password: string },
): Promise<Result<SignInResult>> {
  const stranger: AnonymousActor = { ...origin, id: null, email: input.email };
  const [account] = await app.db.read.select().from(users).where(eq(users.email, input.email));
  const attempt = await app.signInRateLimiter.begin(
    rateLimitKey(input.email, account?.passwordHash),
    origin.address,
  );
  if (!attempt.ok) {
    if (attempt.first) await recordRefusal(app, stranger, null, 'too-many-attempts');
    return err('too-many-attempts', { minutes: attempt.waitMinutes });
  }

  const matches = await verifyPassword(account?.passwordHash ?? null, input.password);
  if (account === undefined || !matches || account.disabledAt !== null) {
    const why = account === undefined ? 'unknown-account' : matches ? 'disabled-account' : 'wrong-password';
    await recordRefusal(app, stranger, account?.id ?? null, why);
    return err('sign-in-failed');
  }

  const { id, email, name, passwordHash } = account;
  const entered = await app.db.write(async (tx): Promise<SignInResult | null> => {
    // Changed or disabled while the password was being verified: then what was verified no longer counts.
    const [still] = await tx
      .select({ role: users.role })
      .from(users)
      .where(and(eq(users.id, id), eq(users.passwordHash, passwordHash), isNull(users.disabledAt)));
    if (still === undefined) return null;
    const user = { id, email, name, role: still.role };
    return { user, cookie: await replaceSession(app, tx, { ...user, ...origin }, presented) };
  });
  if (entered === null) {
    await recordRefusal(app, stranger, id, 'changed-meanwhile');
    return err('sign-in-failed');
  }
  await attempt.succeeded();
  return ok(entered);
}

/**
 * What failed sign-ins are counted under: an account with the password that it has now, so that whoever was given
 * a new one, by link or on the command line, need not wait for the failures with the old one to be forgotten.
 */
function rateLimitKey(email: string, passwordHash = ''): string {
  return `sign-in:${email}:${createHash('sha256').update(passwordHash).digest('base64url')}`;
}

function recordRefusal(app: Needs, by: AnonymousActor, userId: string | null, why: string): Promise<void> {
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

/** Ends the session that the call came with. Nothing to do when there is none. */
export async function signOut(app: Needs, origin: ClientInfo, session: Session | null): Promise<void> {
  if (session === null) return;
  const { user, sessionId } = session;
  await app.db.write(async (tx) => {
    if ((await endSession(tx, sessionId)) === null) return;
    const by: Actor = { ...user, ...origin };
    await record(tx, { at: app.now(), by, action: 'session.ended', subject: `user:${user.id}` });
  });
  app.events.emit('user-changed', { userId: user.id });
}

/**
 * Changes the actor's own password, ends all their sessions and starts a new one for this browser.
 *
 * Refuses: too-many-attempts, wrong-password (recorded), unchanged, weak-password.
 *
 * @returns the new session's Set-Cookie value, and how many other sessions ended.
 */
export async function changePassword(
  app: Needs,
  actor: Actor,
  sessionId: string,
  input: { currentPassword: string; newPassword: string },
): Promise<Result<{ cookie: string; othersEnded: number }>> {
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
  const strong = checkPasswordStrength(input.newPassword, [actor.email, actor.name]);
  if (!strong.ok) return strong;
  const passwordHash = await hashPassword(input.newPassword);

  const outcome = await app.db.write(async (tx): Promise<Result<{ cookie: string; othersEnded: number }>> => {
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
  if (outcome.ok) app.events.emit('user-changed', { userId: actor.id });
  return outcome;
}

/** Ends the actor's sessions in other browsers; answers how many there were. */
export async function endOtherSessions(
  app: Needs,
  actor: Actor,
  sessionId: string,
): Promise<{ ended: number }> {
  const ended = await app.db.write(async (tx) => {
    const count = await endSessionsOf(tx, actor.id, sessionId);
    if (count > 0) {
      await record(tx, {
        at: app.now(),
        by: actor,
        action: 'user.sessions_ended',
        subject: `user:${actor.id}`,
        details: { ended: count, others: true },
      });
    }
    return count;
  });
  if (ended > 0) app.events.emit('user-changed', { userId: actor.id });
  return { ended };
}
