import { createResetLink } from '~/auth/password-resets.server';
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
import { disableUser, enableUser, endUserSessions, setRole } from '~/users/users.server';
import { adminProcedure, router, unwrap } from './procedures.server';

export const usersRouter = router({
  list: adminProcedure.input(listUsersInput).query(({ ctx, input }) => listUsers(ctx.app, input)),

  get: adminProcedure
    .input(userIdInput)
    .query(async ({ ctx, input }) => unwrap(await getUser(ctx.app, input.userId))),

  invite: adminProcedure
    .input(inviteInput)
    .mutation(async ({ ctx, input }) => unwrap(await invite(ctx.app, ctx.actor, input))),

  invitations: adminProcedure.query(({ ctx }) => listInvitations(ctx.app)),

  revokeInvitation: adminProcedure
    .input(invitationIdInput)
    .mutation(async ({ ctx, input }) =>
      unwrap(await revokeInvitation(ctx.app, ctx.actor, input.invitationId)),
    ),

  setRole: adminProcedure
    .input(setRoleInput)
    .mutation(async ({ ctx, input }) => unwrap(await setRole(ctx.app, ctx.actor, input))),

  disable: adminProcedure
    .input(disableInput)
    .mutation(async ({ ctx, input }) => unwrap(await disableUser(ctx.app, ctx.actor, input))),

  enable: adminProcedure
    .input(userIdInput)
    .mutation(async ({ ctx, input }) => unwrap(await enableUser(ctx.app, ctx.actor, input.userId))),

  makeResetLink: adminProcedure
    .input(userIdInput)
    .mutation(async ({ ctx, input }) => unwrap(await createResetLink(ctx.app, ctx.actor, input.userId))),

  endSessions: adminProcedure
    .input(userIdInput)
    .mutation(async ({ ctx, input }) => unwrap(await endUserSessions(ctx.app, ctx.actor, input.userId))),
});
