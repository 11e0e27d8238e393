import { eq } from 'drizzle-orm';
import type { AppContext } from '~/app-context.server';
import { type Actor, type ClientInfo, record } from '~/audit/record.server';
import { replaceSession, type SignInResult } from '~/auth/sessions.server';
import { newId } from '~/core/ids.server';
import { err, ok, type Result } from '~/core/result';
import { checkPasswordStrength, hashPassword } from '~/crypto/passwords.server';
import { invitations, users } from '~db/schema';
import { selectOpenInvitations, userExists } from './invitations.server';
import type { InvitationView } from './users.schema';

/** An open invitation, by its link's token. Errors: invalid-invitation. */
export async function getInvitation(
  { db, now }: Pick<AppContext, 'db' | 'now'>,
  token: string,
): Promise<Result<Pick<InvitationView, 'email' | 'role' | 'expiresAt'> & { invitedBy: string }>> {
  const [invitation] = await selectOpenInvitations(db.read, now(), token);
  if (invitation === undefined) return err('invalid-invitation');
  const { email, role, expiresAt, invitedBy } = invitation;
  return ok({ email, role, expiresAt, invitedBy: invitedBy.name });
}

/**
 * Creates the invited user and signs them in. A link works once, also under concurrent calls.
 *
 * Errors: invalid-invitation, weak-password, email-taken.
 *
 * @param previousSessionId the stored id of the session that the call came with; it ends.
 */
export async function acceptInvitation(
  app: Pick<AppContext, 'config' | 'db' | 'events' | 'now'>,
  origin: ClientInfo,
  previousSessionId: string | null,
  input: { token: string; name: string; password: string },
): Promise<Result<SignInResult>> {
  const at = app.now();
  const [invitation] = await selectOpenInvitations(app.db.read, at, input.token);
  if (invitation === undefined) return err('invalid-invitation');
  const strength = checkPasswordStrength(input.password, [invitation.email, input.name]);
  if (!strength.ok) return strength;
  const passwordHash = await hashPassword(input.password);

  const user = { id: newId('usr'), email: invitation.email, name: input.name, role: invitation.role };
  const by: Actor = { ...user, ...origin };
  const result = await app.db.write(async (tx): Promise<Result<SignInResult>> => {
    if (await userExists(tx, user.email)) return err('email-taken', { email: user.email });
    // Again: the invitation may have been used or revoked while the password was being hashed.
    const [current] = await selectOpenInvitations(tx, at, input.token);
    if (current === undefined) return err('invalid-invitation');
    await tx.update(invitations).set({ acceptedAt: at }).where(eq(invitations.id, invitation.id));
    await tx.insert(users).values({ ...user, passwordHash, createdAt: at });
    await record(tx, {
      at,
      by,
      action: 'user.joined',
      subject: `user:${user.id}`,
      details: { role: user.role, invitation: invitation.id, invitedBy: invitation.invitedBy.id },
    });
    return ok({ user, cookie: await replaceSession(app, tx, by, previousSessionId) });
  });
  if (result.ok) app.events.emit('user-changed', { userId: user.id });
  return result;
}
