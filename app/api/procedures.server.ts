import { initTRPC, TRPCError } from '@trpc/server';
import { ZodError } from 'zod';
import type { AppContext } from '~/app-context.server';
import { type Actor, type ClientInfo, record } from '~/audit/record.server';
import { SessionEndedError, withSessionCheck } from '~/auth/revalidate-session.server';
import type { Session } from '~/auth/sessions.server';
import { type ErrorReason, errorCatalogue, errorMessage } from '~/core/error-catalogue';
import { type Err, err, type Result } from '~/core/result';

export interface Context {
  app: AppContext;
  origin: ClientInfo;
  /** Looks the session up once and remembers the answer for this call. */
  session(): Promise<Session | null>;
  /** Looks it up anew: a subscription asks again while it is open. */
  currentSession(): Promise<Session | null>;
  /** Adds a Set-Cookie header to the answer. */
  setCookie(value: string): void;
}

/** Carries an expected refusal through tRPC. */
export class DomainError extends Error {
  constructor(
    readonly error: Err,
    readonly fields: Record<string, string> = {},
  ) {
    super(errorMessage(error));
  }
}

const t = initTRPC.context<Context>().create({
  isDev: false, // no stack traces in answers, in development neither
  sse: { ping: { enabled: true, intervalMs: 15_000 }, client: { reconnectAfterInactivityMs: 40_000 } },
  errorFormatter({ shape, error }) {
    const { refusal, fields } = toDomainError(error);
    const data = { code: shape.data.code, httpStatus: shape.data.httpStatus, path: shape.data.path };
    if (refusal === null) {
      return {
        ...shape,
        message: 'Something went wrong on the server. Nothing was changed; try again.',
        data: { ...data, reason: 'internal' as const, fields },
      };
    }
    return {
      ...shape,
      message: errorMessage(refusal),
      data: { ...data, reason: refusal.reason as ErrorReason, fields },
    };
  },
});

/** The refusal inside a tRPC error, or null when the error is a bug or a fault. */
export function toDomainError(error: TRPCError): { refusal: Err | null; fields: Record<string, string> } {
  if (error.cause instanceof DomainError) return { refusal: error.cause.error, fields: error.cause.fields };
  if (error.cause instanceof ZodError) {
    const fields: Record<string, string> = {};
    for (const issue of error.cause.issues) fields[issue.path.join('.')] ??= issue.message;
    return { refusal: err('invalid-input'), fields };
  }
  if (
    error.code === 'NOT_FOUND' ||
    error.code === 'METHOD_NOT_SUPPORTED' ||
    error.code === 'PARSE_ERROR' ||
    error.code === 'UNSUPPORTED_MEDIA_TYPE' ||
    error.code === 'BAD_REQUEST'
  )
    return { refusal: err('invalid-input'), fields: {} };
  return { refusal: null, fields: {} };
}

/** Answers the value, or throws the refusal as the tRPC error that its reason stands for. */
export function unwrap<T>(outcome: Result<T>): T {
  if (outcome.ok) return outcome.value;
  throw toTrpcError(outcome);
}

export function toTrpcError(refusal: Err): TRPCError {
  const cause = new DomainError(refusal);
  return new TRPCError({ code: errorCatalogue[refusal.reason].code, message: cause.message, cause });
}

export const router = t.router;
export const createCallerFactory = t.createCallerFactory;
export const publicProcedure = t.procedure;

/**
 * Everybody who is signed in. Their `app` looks again inside each transaction whether they still are, and with the
 * same role: the session was read before it, and for a batch of calls once.
 */
export const memberProcedure = publicProcedure.use(async ({ ctx, next }) => {
  const session = await ctx.session();
  if (session === null) throw toTrpcError(err('signed-out'));
  const actor: Actor = { ...session.user, ...ctx.origin };
  const app = withSessionCheck(ctx.app, session);
  const result = await next({ ctx: { ...ctx, app, actor, sessionId: session.sessionId } });
  if (!result.ok && result.error.cause instanceof SessionEndedError) throw toTrpcError(err('signed-out'));
  return result;
});

/** Admins only; a member's attempts go on the audit trail, sampled. */
export const adminProcedure = memberProcedure.use(async ({ ctx, next, path }) => {
  if (ctx.actor.role !== 'admin') {
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
  }
  return next();
});
