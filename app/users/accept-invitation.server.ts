import { eq } from 'drizzle-orm';
import type { App } from '~/app-context.server';
import { type Actor, type Origin, record } from '~/audit/record.server';
import type { Entered } from '~/auth/sign-in.server';
import { checkPassword, hashPassword } from '~/crypto/passwords.server';
import { replaceSession } from '~/auth/sessions.server';
import { accept, type Outcome, refuse } from '~/core/error-catalogue';
import { newId } from '~/core/ids.server';
import { invitations, users } from '~db/schema';
import { isUser, selectOpen } from './invitations.server';
import type { InvitationView } from './users.schema';

/** What the bearer of a link is told before joining. Refuses: bad-invitation. */
export async function describeInvitation(
  { db, now }: Pick<App, 'db' | 'now'>,
  token: string,
): Promise<Outcome<Pick<InvitationView, 'email' | 'role' | 'expiresAt'> & { invitedBy: string }>> {
  const [open] = await selectOpen(db.read, now(), token);
  if (open === undefined) return refuse('bad-invitation');
  const { email, role, expiresAt, invitedBy } = open;
  return accept({ email, role, expiresAt, invitedBy: invitedBy.name });
}

/**
 * Makes the bearer of a link a user and signs them in. A link works once: of several at once, one wins.
 *
 * Refuses: bad-invitation, weak-password, email-taken.
 */
export async function acceptInvitation(
  app: Pick<App, 'config' | 'db' | 'events' | 'now'>,
  origin: Origin,
  presented: string | null,
  input: { token: string; name: string; password: string },
): Promise<Outcome<Entered>> {
  const at = app.now();
  const [open] = await selectOpen(app.db.read, at, input.token);
  if (open === undefined) return refuse('bad-invitation');
  const strong = checkPassword(input.password, [open.email, input.name]);
  if (!strong.ok) return strong;
  const passwordHash = await hashPassword(input.password);

  const user = { id: newId('usr'), email: open.email, name: input.name, role: open.role };
  const by: Actor = { ...user, ...origin };
  const outcome = await app.db.write(async (tx): Promise<Outcome<Entered>> => {
    if (await isUser(tx, user.email)) return refuse('email-taken', { email: user.email });
    // Used, withdrawn or without its inviter's powers since it was looked at.
    const [still] = await selectOpen(tx, at, input.token);
    if (still === undefined) return refuse('bad-invitation');
    await tx.update(invitations).set({ acceptedAt: at }).where(eq(invitations.id, open.id));
    await tx.insert(users).values({ ...user, passwordHash, createdAt: at });
    await record(tx, {
      at,
      by,
      action: 'user.joined',
      subject: `user:${user.id}`,
      details: { role: user.role, invitation: open.id, invitedBy: open.invitedBy.id },
    });
    return accept({ user, cookie: await replaceSession(app, tx, by, presented) });
  });
  if (outcome.ok) app.events.emit('user-changed', { userId: user.id });
  return outcome;
}
