import { eq } from 'drizzle-orm';
import type { AppContext } from '~/app-context.server';
import { type Actor, type ClientInfo, record } from '~/audit/record.server';
import { replaceSession } from '~/auth/sessions.server';
import type { SignInResult } from '~/auth/sign-in.server';
import { newId } from '~/core/ids.server';
import { err, ok, type Result } from '~/core/result';
import { checkPasswordStrength, hashPassword } from '~/crypto/passwords.server';
import { invitations, users } from '~db/schema';
import { selectOpenInvitation, userExists } from './invitations.server';
import type { InvitationView } from './users.schema';

/** What the bearer of a link is told before joining. Refuses: invalid-invitation. */
export async function getInvitation(
  { db, now }: Pick<AppContext, 'db' | 'now'>,
  token: string,
): Promise<Result<Pick<InvitationView, 'email' | 'role' | 'expiresAt'> & { invitedBy: string }>> {
  const [open] = await selectOpenInvitation(db.read, now(), token);
  if (open === undefined) return err('invalid-invitation');
  const { email, role, expiresAt, invitedBy } = open;
  return ok({ email, role, expiresAt, invitedBy: invitedBy.name });
}

/**
 * Makes the bearer of a link a user and signs them in. A link works once: of several at once, one wins.
 *
 * Refuses: invalid-invitation, weak-password, email-taken.
 */
export async function acceptInvitation(
  app: Pick<AppContext, 'config' | 'db' | 'events' | 'now'>,
  origin: ClientInfo,
  presented: string | null,
  input: { token: string; name: string; password: string },
): Promise<Result<SignInResult>> {
  const at = app.now();
  const [open] = await selectOpenInvitation(app.db.read, at, input.token);
  if (open === undefined) return err('invalid-invitation');
  const strong = checkPasswordStrength(input.password, [open.email, input.name]);
  if (!strong.ok) return strong;
  const passwordHash = await hashPassword(input.password);

  const user = { id: newId('usr'), email: open.email, name: input.name, role: open.role };
  const by: Actor = { ...user, ...origin };
  const outcome = await app.db.write(async (tx): Promise<Result<SignInResult>> => {
    if (await userExists(tx, user.email)) return err('email-taken', { email: user.email });
    // Used, withdrawn or without its inviter's powers since it was looked at.
    const [still] = await selectOpenInvitation(tx, at, input.token);
    if (still === undefined) return err('invalid-invitation');
    await tx.update(invitations).set({ acceptedAt: at }).where(eq(invitations.id, open.id));
    await tx.insert(users).values({ ...user, passwordHash, createdAt: at });
    await record(tx, {
      at,
      by,
      action: 'user.joined',
      subject: `user:${user.id}`,
      details: { role: user.role, invitation: open.id, invitedBy: open.invitedBy.id },
    });
    return ok({ user, cookie: await replaceSession(app, tx, by, presented) });
  });
  if (outcome.ok) app.events.emit('user-changed', { userId: user.id });
  return outcome;
}
