import { createResetLink } from '~/auth/reset-links.server';
import { disableUser, enableUser, endUserSessions, setRole } from '~/users/change-user.server';
import { invite, listInvitations, revokeInvitation } from '~/users/invitations.server';
import { getUser, listUsers } from '~/users/user-view.server';
import {
  disableInput,
  invitationIdInput,
  inviteInput,
  listUsersInput,
  setRoleInput,
  userIdInput,
} from '~/users/users.schema';
import { unwrap } from './errors.server';
import { adminProcedure, call, router } from './procedures.server';

export const usersRouter = router({
  list: adminProcedure('Lists and searches users.')
    .input(listUsersInput)
    .query(({ ctx, input }) => listUsers(ctx.app, input)),
  get: adminProcedure('Returns a user.')
    .input(userIdInput)
    .query(async ({ ctx, input }) => unwrap(await getUser(ctx.app, input.userId))),
  invite: adminProcedure('Creates an invitation and returns its one-time link, valid for 7 days.')
    .input(inviteInput)
    .mutation(call(invite)),
  invitations: adminProcedure('Lists the open invitations.').query(({ ctx }) => listInvitations(ctx.app)),
  revokeInvitation: adminProcedure('Revokes an open invitation.')
    .input(invitationIdInput)
    .mutation(call((app, actor, { invitationId }) => revokeInvitation(app, actor, invitationId))),
  setRole: adminProcedure("Changes a user's role and ends their sessions.")
    .input(setRoleInput)
    .mutation(call(setRole)),
  disable: adminProcedure(
    'Disables a user, ends their sessions, revokes their keys and withdraws their requests.',
  )
    .input(disableInput)
    .mutation(call(disableUser)),
  enable: adminProcedure('Enables a disabled user. Revoked keys stay revoked.')
    .input(userIdInput)
    .mutation(call((app, actor, { userId }) => enableUser(app, actor, userId))),
  makeResetLink: adminProcedure(
    'Creates a one-time link for a user to choose a new password, valid for 24 hours.',
  )
    .input(userIdInput)
    .mutation(call((app, actor, { userId }) => createResetLink(app, actor, userId))),
  endSessions: adminProcedure('Signs a user out everywhere.')
    .input(userIdInput)
    .mutation(call((app, actor, { userId }) => endUserSessions(app, actor, userId))),
});
