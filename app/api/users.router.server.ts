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
import { adminProcedure, router } from './procedures.server';

export const usersRouter = router({
  list: adminProcedure
    .meta({ summary: 'Lists and searches users.' })
    .input(listUsersInput)
    .query(({ ctx, input }) => listUsers(ctx.app, input)),

  get: adminProcedure
    .meta({ summary: 'Returns a user.' })
    .input(userIdInput)
    .query(async ({ ctx, input }) => unwrap(await getUser(ctx.app, input.userId))),

  invite: adminProcedure
    .meta({ summary: 'Creates an invitation and returns its one-time link, valid for 7 days.' })
    .input(inviteInput)
    .mutation(async ({ ctx, input }) => unwrap(await invite(ctx.app, ctx.actor, input))),

  invitations: adminProcedure
    .meta({ summary: 'Lists the open invitations.' })
    .query(({ ctx }) => listInvitations(ctx.app)),

  revokeInvitation: adminProcedure
    .meta({ summary: 'Revokes an open invitation.' })
    .input(invitationIdInput)
    .mutation(async ({ ctx, input }) =>
      unwrap(await revokeInvitation(ctx.app, ctx.actor, input.invitationId)),
    ),

  setRole: adminProcedure
    .meta({ summary: "Changes a user's role and ends their sessions." })
    .input(setRoleInput)
    .mutation(async ({ ctx, input }) => unwrap(await setRole(ctx.app, ctx.actor, input))),

  disable: adminProcedure
    .meta({
      summary: 'Disables a user, ends their sessions, revokes their keys and withdraws their requests.',
    })
    .input(disableInput)
    .mutation(async ({ ctx, input }) => unwrap(await disableUser(ctx.app, ctx.actor, input))),

  enable: adminProcedure
    .meta({ summary: 'Enables a disabled user. Revoked keys stay revoked.' })
    .input(userIdInput)
    .mutation(async ({ ctx, input }) => unwrap(await enableUser(ctx.app, ctx.actor, input.userId))),

  makeResetLink: adminProcedure
    .meta({ summary: 'Creates a one-time link for a user to choose a new password, valid for 24 hours.' })
    .input(userIdInput)
    .mutation(async ({ ctx, input }) => unwrap(await createResetLink(ctx.app, ctx.actor, input.userId))),

  endSessions: adminProcedure
    .meta({ summary: 'Signs a user out everywhere.' })
    .input(userIdInput)
    .mutation(async ({ ctx, input }) => unwrap(await endUserSessions(ctx.app, ctx.actor, input.userId))),
});
