import { and, eq, isNotNull, isNull, ne } from 'drizzle-orm';
import type { AppContext } from '~/app-context.server';
import { type Actor, record } from '~/audit/record.server';
import { revokeResetLinks } from '~/auth/password-resets.server';
import { endSessionsOf } from '~/auth/sessions.server';
import { err, ok, type Result } from '~/core/result';
import type { KeyRow } from '~/keys/key-view.server';
import { announceKey } from '~/keys/record-key-event.server';
import { revokeKeysOf } from '~/keys/revoke-key.server';
import type { Queries } from '~db/database';
import { keys, users } from '~db/schema';
import type { UserRole } from '~db/schema/enums';
import { countEnabledAdmins } from './count-admins.server';
import { revokeInvitationsBy } from './invitations.server';
import { findUser, mustFindUser } from './user-view.server';
import type { UserView } from './users.schema';

type Needs = Pick<AppContext, 'db' | 'events' | 'now'>;

/**
 * Gives a person another role. Their sessions end, so that no page of the old role stays open; links that a
 * demoted admin handed out end too.
 *
 * Refuses: own-account, user-not-found, unchanged, last-admin.
 */
export async function setRole(
  app: Needs,
  actor: Actor,
  { userId, role }: { userId: string; role: UserRole },
): Promise<Result<UserView>> {
  if (userId === actor.id) return err('own-account');
  const at = app.now();
  const outcome = await app.db.write(async (tx): Promise<Result<UserView>> => {
    const before = await findUser(tx, at, userId);
    if (before === null) return err('user-not-found');
    if (role === 'member' && (await isLastAdmin(tx, before))) return err('last-admin');
    const [changed] = await tx
      .update(users)
      .set({ role })
      .where(and(eq(users.id, userId), ne(users.role, role)))
      .returning({ id: users.id });
    if (changed === undefined) return err('unchanged', { state: role });
    const invitationsRevoked = role === 'admin' ? 0 : await revokeInvitationsBy(tx, at, actor, userId);
    await revokeResetLinks(tx, at, actor, { forOrBy: userId });
    const sessionsEnded = await endSessionsOf(tx, userId);
    await record(tx, {
      at,
      by: actor,
      action: role === 'admin' ? 'user.promoted' : 'user.demoted',
      subject: `user:${userId}`,
      details: { email: before.email, role, sessionsEnded, invitationsRevoked },
    });
    return ok(await mustFindUser(tx, at, userId));
  });
  if (outcome.ok) app.events.emit('user-changed', { userId });
  return outcome;
}

/**
 * Shuts a person out: sessions end, active keys are revoked, pending requests withdrawn and the links they
 * handed out end, in one transaction with an audit entry for each.
 *
 * Refuses: own-account, user-not-found, unchanged, last-admin.
 */
export async function disableUser(
  app: Needs,
  actor: Actor,
  { userId, reason }: { userId: string; reason?: string },
): Promise<Result<UserView>> {
  if (userId === actor.id) return err('own-account');
  const at = app.now();
  let ended: KeyRow[] = [];
  const outcome = await app.db.write(async (tx): Promise<Result<UserView>> => {
    const before = await findUser(tx, at, userId);
    if (before === null) return err('user-not-found');
    if (await isLastAdmin(tx, before)) return err('last-admin');
    const [changed] = await tx
      .update(users)
      .set({ disabledAt: at })
      .where(and(eq(users.id, userId), isNull(users.disabledAt)))
      .returning({ id: users.id });
    if (changed === undefined) return err('unchanged', { state: 'disabled' });
    const sessionsEnded = await endSessionsOf(tx, userId);
    const invitationsRevoked = await revokeInvitationsBy(tx, at, actor, userId);
    await revokeResetLinks(tx, at, actor, { forOrBy: userId });
    await record(tx, {
      at,
      by: actor,
      action: 'user.disabled',
      subject: `user:${userId}`,
      details: { email: before.email, reason, sessionsEnded, invitationsRevoked },
    });
    ended = await revokeKeysOf(tx, {
      at,
      by: actor,
      holder: eq(keys.holderId, userId),
      reason: reason ?? 'The account was disabled.',
    });
    return ok(await mustFindUser(tx, at, userId));
  });
  if (!outcome.ok) return outcome;
  app.events.emit('user-changed', { userId });
  for (const row of ended) announceKey(app, row);
  return outcome;
}

/** Lets a disabled person sign in again; keys and sessions that ended stay so. Refuses: user-not-found, unchanged. */
export async function enableUser(app: Needs, actor: Actor, userId: string): Promise<Result<UserView>> {
  const at = app.now();
  const outcome = await app.db.write(async (tx): Promise<Result<UserView>> => {
    const before = await findUser(tx, at, userId);
    if (before === null) return err('user-not-found');
    const [changed] = await tx
      .update(users)
      .set({ disabledAt: null })
      .where(and(eq(users.id, userId), isNotNull(users.disabledAt)))
      .returning({ id: users.id });
    if (changed === undefined) return err('unchanged', { state: 'enabled' });
    await record(tx, {
      at,
      by: actor,
      action: 'user.enabled',
      subject: `user:${userId}`,
      details: { email: before.email },
    });
    return ok(await mustFindUser(tx, at, userId));
  });
  if (outcome.ok) app.events.emit('user-changed', { userId });
  return outcome;
}

/** Signs a person out of every browser. Refuses: user-not-found, unchanged when there is none. */
export async function endUserSessions(app: Needs, actor: Actor, userId: string): Promise<Result<UserView>> {
  const at = app.now();
  const outcome = await app.db.write(async (tx): Promise<Result<UserView>> => {
    const before = await findUser(tx, at, userId);
    if (before === null) return err('user-not-found');
    const ended = await endSessionsOf(tx, userId);
    if (ended === 0) return err('unchanged', { state: 'signed out' });
    await record(tx, {
      at,
      by: actor,
      action: 'user.sessions_ended',
      subject: `user:${userId}`,
      details: { email: before.email, ended },
    });
    return ok(await mustFindUser(tx, at, userId));
  });
  if (outcome.ok) app.events.emit('user-changed', { userId });
  return outcome;
}

/**
 * Whether nobody could administer the server without this person. Looked at inside the transaction: two
 * admins who shut each other out at once must not both succeed.
 */
async function isLastAdmin(
  tx: Queries,
  user: Pick<UserView, 'id' | 'role' | 'disabledAt'>,
): Promise<boolean> {
  if (user.role !== 'admin' || user.disabledAt !== null) return false;
  return (await countEnabledAdmins(tx)) === 1;
}
