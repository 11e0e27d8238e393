import { initTRPC } from '@trpc/server';
import type { AppContext } from '~/app-context.server';
import { type Actor, record } from '~/audit/record.server';
import { SessionEndedError, withSessionCheck } from '~/auth/revalidate-session.server';
import type { ErrorReason } from '~/core/error-catalogue';
import { err, type Result } from '~/core/result';
import type { Context } from './context.server';
import { toDomainError, toTrpcError, unwrap } from './errors.server';

/** What the API reference says about a procedure. */
export interface ProcedureMeta {
  /** Who may call it. */
  role: 'public' | 'member' | 'admin';
  /** One sentence. */
  summary: string;
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
export const publicProcedure = (summary: string) => t.procedure.meta({ role: 'public', summary });

const withSession = t.procedure.use(async ({ ctx, next }) => {
  const session = await ctx.session();
  if (session === null) throw toTrpcError(err('signed-out'));
  const actor: Actor = { ...session.user, ...ctx.origin };
  const app = withSessionCheck(ctx.app, session);
  const result = await next({ ctx: { ...ctx, app, actor, sessionId: session.sessionId } });
  if (!result.ok && result.error.cause instanceof SessionEndedError) throw toTrpcError(err('signed-out'));
  return result;
});

/**
 * Signed-in users. Their `app` checks the session again inside each transaction: it was read before the transaction,
 * and only once for a batch of calls.
 *
 * Errors: signed-out.
 */
export const memberProcedure = (summary: string) => withSession.meta({ role: 'member', summary });

const asAdmin = withSession.use(async ({ ctx, next, path }) => {
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
});

/** Admins. A member's attempts are recorded, sampled. Errors: signed-out, not-admin. */
export const adminProcedure = (summary: string) => asAdmin.meta({ role: 'admin', summary });

/** A handler that calls a function of the domain with the caller, and unwraps its result. */
export const call =
  <Input, Value>(run: (app: AppContext, actor: Actor, input: Input) => Promise<Result<Value>>) =>
  async ({ ctx, input }: { ctx: { app: AppContext; actor: Actor }; input: Input }): Promise<Value> =>
    unwrap(await run(ctx.app, ctx.actor, input));
