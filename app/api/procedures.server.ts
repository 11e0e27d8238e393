import { initTRPC } from '@trpc/server';
import { type Actor, record } from '~/audit/record.server';
import { SessionEndedError, withSessionCheck } from '~/auth/revalidate-session.server';
import type { ErrorReason } from '~/core/error-catalogue';
import { err } from '~/core/result';
import type { Context } from './context.server';
import { toDomainError, toTrpcError } from './errors.server';

/** What the API reference says about a procedure. The base procedures below set the role. */
export interface ProcedureMeta {
  /** Who may call it. */
  role?: 'public' | 'member' | 'admin';
  /** One sentence. */
  summary?: string;
}

const t = initTRPC
  .context<Context>()
  .meta<ProcedureMeta>()
  .create({
    isDev: false, // never send stack traces
    sse: { ping: { enabled: true, intervalMs: 15_000 }, client: { reconnectAfterInactivityMs: 40_000 } },
    errorFormatter({ shape, error }) {
      const domainError = toDomainError(error);
      const reason: ErrorReason | 'internal' = domainError?.error.reason ?? 'internal';
      const { code, httpStatus, path } = shape.data;
      return {
        ...shape,
        message:
          domainError?.message ?? 'Something went wrong on the server. Nothing was changed; try again.',
        data: { code, httpStatus, path, reason, fields: domainError?.fields ?? {} },
      };
    },
  });

export const router = t.router;
export const createCallerFactory = t.createCallerFactory;

// The authorization ladder: each procedure starts from one of these three, and each adds to the one before.

/** Anyone, signed in or not. */
export const publicProcedure = t.procedure.meta({ role: 'public' });

/**
 * Signed-in users. Their `app` checks the session again inside each transaction: it was read before the transaction,
 * and only once for a batch of calls.
 *
 * Errors: signed-out.
 */
export const memberProcedure = publicProcedure
  .use(async ({ ctx, next }) => {
    const session = await ctx.session();
    if (session === null) throw toTrpcError(err('signed-out'));
    const actor: Actor = { ...session.user, ...ctx.origin };
    const app = withSessionCheck(ctx.app, session);
    const result = await next({ ctx: { ...ctx, app, actor, sessionId: session.sessionId } });
    if (!result.ok && result.error.cause instanceof SessionEndedError) throw toTrpcError(err('signed-out'));
    return result;
  })
  .meta({ role: 'member' });

/** Admins. A member's attempts are recorded, sampled. Errors: signed-out, not-admin. */
export const adminProcedure = memberProcedure
  .use(async ({ ctx, next, path }) => {
    if (ctx.actor.role === 'admin') return next();
    const { app, actor } = ctx;
    const at = app.now();
    const leftOut = app.deniedSampler.take(actor.id, path, at);
    if (leftOut !== null) {
      const details = { leftOut: leftOut > 0 ? leftOut : undefined };
      await app.db.write((tx) =>
        record(tx, { at, by: actor, action: 'access.denied', subject: `procedure:${path}`, details }),
      );
    }
    throw toTrpcError(err('not-admin'));
  })
  .meta({ role: 'admin' });
