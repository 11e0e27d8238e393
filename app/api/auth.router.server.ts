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
import { getResetLink, resetPasswordByLink } from '~/auth/password-resets.server';
import { clearSessionCookie, listSessions } from '~/auth/sessions.server';
import { setUp, setupState } from '~/auth/setup.server';
import {
  changePassword,
  endOtherSessions,
  type SessionUser,
  type SignInResult,
  signIn,
  signOut,
} from '~/auth/sign-in.server';
import type { Result } from '~/core/result';
import { acceptInvitation, getInvitation } from '~/users/accept-invitation.server';
import { type Context, memberProcedure, publicProcedure, router, unwrap } from './procedures.server';

export const authRouter = router({
  /** Who is signed in, or null. */
  session: publicProcedure.query(async ({ ctx }) => {
    const session = await ctx.session();
    return session && { user: session.user };
  }),

  signIn: publicProcedure
    .input(signInInput)
    .mutation(async ({ ctx, input }) =>
      enter(ctx, await signIn(ctx.app, ctx.origin, await presented(ctx), input)),
    ),

  signOut: publicProcedure.input(z.void()).mutation(async ({ ctx }) => {
    await signOut(ctx.app, ctx.origin, await ctx.session());
    ctx.setCookie(clearSessionCookie(ctx.app));
  }),

  changePassword: memberProcedure.input(changePasswordInput).mutation(async ({ ctx, input }) => {
    const { cookie, othersEnded } = unwrap(await changePassword(ctx.app, ctx.actor, ctx.sessionId, input));
    ctx.setCookie(cookie);
    return { othersEnded };
  }),

  sessions: memberProcedure.query(({ ctx }) => listSessions(ctx.app, ctx.actor.id, ctx.sessionId)),

  endOtherSessions: memberProcedure
    .input(z.void())
    .mutation(({ ctx }) => endOtherSessions(ctx.app, ctx.actor, ctx.sessionId)),

  /** Whether anybody can sign in yet and, to the bearer of a link, whether it would let them set up. */
  setupState: publicProcedure
    .input(setupStateInput)
    .query(({ ctx, input }) => setupState(ctx.app, input?.token)),

  setUp: publicProcedure
    .input(setUpInput)
    .mutation(async ({ ctx, input }) =>
      enter(ctx, await setUp(ctx.app, ctx.origin, await presented(ctx), input)),
    ),

  invitation: publicProcedure
    .input(invitationInput)
    .query(async ({ ctx, input }) => unwrap(await getInvitation(ctx.app, input.token))),

  acceptInvitation: publicProcedure
    .input(acceptInvitationInput)
    .mutation(async ({ ctx, input }) =>
      enter(ctx, await acceptInvitation(ctx.app, ctx.origin, await presented(ctx), input)),
    ),

  resetLink: publicProcedure
    .input(resetLinkInput)
    .query(async ({ ctx, input }) => unwrap(await getResetLink(ctx.app, input.token))),

  resetPassword: publicProcedure
    .input(resetPasswordInput)
    .mutation(async ({ ctx, input }) =>
      enter(ctx, await resetPasswordByLink(ctx.app, ctx.origin, await presented(ctx), input)),
    ),
});

const presented = async (ctx: Context) => (await ctx.session())?.sessionId ?? null;

function enter(ctx: Context, outcome: Result<SignInResult>): SessionUser {
  const { user, cookie } = unwrap(outcome);
  ctx.setCookie(cookie);
  return user;
}
