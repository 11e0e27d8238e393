import { and, eq, isNotNull, isNull, ne } from 'drizzle-orm';
import type { AppContext } from '~/app-context.server';
import { type Actor, record } from '~/audit/record.server';
import { revokeResetLinks } from '~/auth/reset-links.server';
import { endSessionsOf } from '~/auth/sessions.server';
import { type Err, err, ok, type Result } from '~/core/result';
import { announceKey } from '~/keys/record-key-event.server';
import { revokeHolderKeys } from '~/keys/revoke-key.server';
import type { KeyRow } from '~/keys/select-keys.server';
import type { Queries } from '~db/database';
import { keys, users } from '~db/schema';
import type { UserRole } from '~db/schema/enums';
import { countEnabledAdmins } from './count-admins.server';
import { revokeInvitationsBy } from './invitations.server';
import { findUser } from './user-view.server';
import type { UserView } from './users.schema';

type ChangeContext = Pick<AppContext, 'db' | 'events' | 'now'>;

/**
 * Changes a user's role. Ends their sessions, so that no page of the old role stays open, and revokes the links that a
 * demoted admin created.
 *
 * Errors: own-account, user-not-found, unchanged, last-admin.
 */
export async function setRole(
  app: ChangeContext,
  actor: Actor,
  { userId, role }: { userId: string; role: UserRole },
): Promise<Result<UserView>> {
  if (userId === actor.id) return err('own-account');
  return await changeUser(app, userId, async (tx, at, before) => {
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
    return null;
  });
}

/**
 * Disables a user: ends their sessions, revokes their active keys and the links they created, and withdraws their
 * pending requests, with an audit entry for each.
 *
 * Errors: own-account, user-not-found, unchanged, last-admin.
 */
export async function disableUser(
  app: ChangeContext,
  actor: Actor,
  { userId, reason }: { userId: string; reason?: string },
): Promise<Result<UserView>> {
  if (userId === actor.id) return err('own-account');
  let endedKeys: KeyRow[] = [];
  const result = await changeUser(app, userId, async (tx, at, before) => {
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
    endedKeys = await revokeHolderKeys(tx, {
      at,
      by: actor,
      holder: eq(keys.holderId, userId),
      reason: reason ?? 'The account was disabled.',
    });
    return null;
  });
  for (const key of endedKeys) announceKey(app, key);
  return result;
}

/** Lets a disabled user sign in again. Keys and sessions stay ended. Errors: user-not-found, unchanged. */
export async function enableUser(
  app: ChangeContext,
  actor: Actor,
  userId: string,
): Promise<Result<UserView>> {
  return await changeUser(app, userId, async (tx, at, before) => {
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
    return null;
  });
}

/** Signs a user out of every browser. Errors: user-not-found; unchanged if they have no session. */
export async function endUserSessions(
  app: ChangeContext,
  actor: Actor,
  userId: string,
): Promise<Result<UserView>> {
  return await changeUser(app, userId, async (tx, at, before) => {
    const ended = await endSessionsOf(tx, userId);
    if (ended === 0) return err('unchanged', { state: 'signed out' });
    await record(tx, {
      at,
      by: actor,
      action: 'user.sessions_ended',
      subject: `user:${userId}`,
      details: { email: before.email, ended },
    });
    return null;
  });
}

/**
 * Runs `change` in a transaction with the user as it was before, then notifies open pages.
 *
 * @returns the user afterwards, or the error that `change` returned. Errors: user-not-found.
 */
async function changeUser(
  app: ChangeContext,
  userId: string,
  change: (tx: Queries, at: number, before: UserView) => Promise<Err | null>,
): Promise<Result<UserView>> {
  const at = app.now();
  const result = await app.db.write(async (tx): Promise<Result<UserView>> => {
    const before = await findUser(tx, at, userId);
    if (before === null) return err('user-not-found');
    const error = await change(tx, at, before);
    if (error !== null) return error;
    const after = await findUser(tx, at, userId);
    if (after === null) throw new Error(`user ${userId} was changed and cannot be read`);
    return ok(after);
  });
  if (result.ok) app.events.emit('user-changed', { userId });
  return result;
}

/**
 * Whether this is the only enabled admin. Must be checked inside the transaction: otherwise two admins who disable
 * each other concurrently would both succeed.
 */
async function isLastAdmin(
  tx: Queries,
  user: Pick<UserView, 'id' | 'role' | 'disabledAt'>,
): Promise<boolean> {
  if (user.role !== 'admin' || user.disabledAt !== null) return false;
  return (await countEnabledAdmins(tx)) === 1;
}
