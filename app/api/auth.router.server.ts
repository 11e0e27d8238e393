import { z } from 'zod';
import {
  acceptInvitationInput,
  changePasswordInput,
  invitationInput,
  resetLinkInput,
  resetPasswordInput,
  setUpInput,
  setupStateInput,
  signInInput,
} from '~/auth/auth.schema';
import { changePassword } from '~/auth/change-password.server';
import { endOtherSessions } from '~/auth/end-other-sessions.server';
import { getResetLink } from '~/auth/reset-links.server';
import { resetPasswordByLink } from '~/auth/reset-password-by-link.server';
import {
  clearSessionCookie,
  listSessions,
  type SessionUser,
  type SignInResult,
} from '~/auth/sessions.server';
import { setUp, setupState } from '~/auth/setup.server';
import { signIn } from '~/auth/sign-in.server';
import { signOut } from '~/auth/sign-out.server';
import type { Result } from '~/core/result';
import { acceptInvitation, getInvitation } from '~/users/accept-invitation.server';
import type { Context } from './context.server';
import { unwrap } from './errors.server';
import { memberProcedure, publicProcedure, router } from './procedures.server';

export const authRouter = router({
  session: publicProcedure('Returns the signed-in user, or null.').query(async ({ ctx }) => {
    const session = await ctx.session();
    return session && { user: session.user };
  }),

  signIn: publicProcedure('Signs in with email and password and sets the session cookie.')
    .input(signInInput)
    .mutation(async ({ ctx, input }) =>
      startSession(ctx, await signIn(ctx.app, ctx.origin, await sessionIdOf(ctx), input)),
    ),

  signOut: publicProcedure('Ends the session and removes the cookie. Succeeds when signed out, too.')
    .input(z.void())
    .mutation(async ({ ctx }) => {
      await signOut(ctx.app, ctx.origin, await ctx.session());
      ctx.setCookie(clearSessionCookie(ctx.app));
    }),

  changePassword: memberProcedure(
    "Changes the caller's password, ends their other sessions and renews the cookie.",
  )
    .input(changePasswordInput)
    .mutation(async ({ ctx, input }) => {
      const { cookie, othersEnded } = unwrap(await changePassword(ctx.app, ctx.actor, ctx.sessionId, input));
      ctx.setCookie(cookie);
      return { othersEnded };
    }),

  sessions: memberProcedure("Lists the caller's sessions.").query(({ ctx }) =>
    listSessions(ctx.app, ctx.actor.id, ctx.sessionId),
  ),

  endOtherSessions: memberProcedure('Signs the caller out everywhere else.')
    .input(z.void())
    .mutation(({ ctx }) => endOtherSessions(ctx.app, ctx.actor, ctx.sessionId)),

  setupState: publicProcedure(
    'Returns whether the server is set up and, given a setup token, whether it is valid.',
  )
    .input(setupStateInput)
    .query(({ ctx, input }) => setupState(ctx.app, input?.token)),

  setUp: publicProcedure("Creates the first admin with the setup link's token and signs them in.")
    .input(setUpInput)
    .mutation(async ({ ctx, input }) =>
      startSession(ctx, await setUp(ctx.app, ctx.origin, await sessionIdOf(ctx), input)),
    ),

  invitation: publicProcedure("Returns an open invitation by its link's token.")
    .input(invitationInput)
    .query(async ({ ctx, input }) => unwrap(await getInvitation(ctx.app, input.token))),

  acceptInvitation: publicProcedure('Creates the invited user and signs them in.')
    .input(acceptInvitationInput)
    .mutation(async ({ ctx, input }) =>
      startSession(ctx, await acceptInvitation(ctx.app, ctx.origin, await sessionIdOf(ctx), input)),
    ),

  resetLink: publicProcedure('Returns whose password a reset link is for, by its token.')
    .input(resetLinkInput)
    .query(async ({ ctx, input }) => unwrap(await getResetLink(ctx.app, input.token))),

  resetPassword: publicProcedure("Sets a new password with a reset link's token and signs the user in.")
    .input(resetPasswordInput)
    .mutation(async ({ ctx, input }) =>
      startSession(ctx, await resetPasswordByLink(ctx.app, ctx.origin, await sessionIdOf(ctx), input)),
    ),
});

/** The stored id of the session that the call came with. */
const sessionIdOf = async (ctx: Context) => (await ctx.session())?.sessionId ?? null;

/** Sets the new session's cookie. */
function startSession(ctx: Context, result: Result<SignInResult>): SessionUser {
  const { user, cookie } = unwrap(result);
  ctx.setCookie(cookie);
  return user;
}
