import { type AppLoadContext, data, redirect } from '@remix-run/node';
import { TRPCError } from '@trpc/server';
import { getHTTPStatusCodeFromError } from '@trpc/server/http';
import { type ErrorReason, errorMessage } from '~/core/error-catalogue';
import { err } from '~/core/result';
import { toDomainError, toTrpcError } from './procedures.server';
import { type Caller, createCaller } from './router.server';

/** What a form shows when it was refused. */
export interface FormErrorData {
  reason: ErrorReason;
  message: string;
  fields: Record<string, string>;
}

interface RouteArgs {
  request: Request;
  context: AppLoadContext;
}

/**
 * For loaders: the answer of a call; a refusal becomes what the browser expects of a page: the sign-in
 * page for the signed out, else the error boundary with the refusal's status and words.
 */
export async function load<T>(
  { request, context }: RouteArgs,
  call: (caller: Caller) => Promise<T>,
): Promise<T> {
  try {
    return await call(createCaller(context.trpc));
  } catch (error) {
    throw asResponse(error, request);
  }
}

/**
 * For actions: the answer of a call, or its refusal as a value for the form to show. Signed out is not the
 * form's to mend and goes to the sign-in page.
 */
export async function submit<T>(
  { request, context }: RouteArgs,
  call: (caller: Caller) => Promise<T>,
): Promise<{ ok: true; value: T } | ({ ok: false; status: number } & FormErrorData)> {
  try {
    return { ok: true, value: await call(createCaller(context.trpc)) };
  } catch (error) {
    const refusal = error instanceof TRPCError ? toDomainError(error) : null;
    if (refusal?.refusal && refusal.refusal.reason !== 'signed-out') {
      return {
        ok: false,
        status: getHTTPStatusCodeFromError(error as TRPCError),
        reason: refusal.refusal.reason,
        message: errorMessage(refusal.refusal),
        fields: refusal.fields,
      };
    }
    throw asResponse(error, request);
  }
}

/**
 * Does what the button that was pressed stands for. A button that the form does not have is refused (invalid-input), to
 * those who may `look` at the page; whoever may not is refused by that.
 */
export async function dispatchIntent<T>(
  intent: string,
  ways: Record<string, () => Promise<T>>,
  look: () => Promise<unknown>,
): Promise<T> {
  const way = Object.hasOwn(ways, intent) ? ways[intent] : undefined;
  if (way !== undefined) return await way();
  await look();
  throw toTrpcError(err('invalid-input'));
}

/**
 * An action's answer to a refused form: what the refusal says, and the values to show again (never a
 * password). `fieldFor` names the field to which a refusal without fields of its own belongs.
 */
export function formErrorResponse<Values extends Record<string, string>>(
  { status, ...refusal }: { ok: false; status: number } & FormErrorData,
  values: Values,
  fieldFor: Partial<Record<ErrorReason, string>> = {},
) {
  const field = fieldFor[refusal.reason];
  const fields = field === undefined ? refusal.fields : { ...refusal.fields, [field]: refusal.message };
  return data({ ...refusal, fields, values }, { status });
}

function asResponse(error: unknown, request: Request): unknown {
  if (!(error instanceof TRPCError)) return error;
  const { refusal } = toDomainError(error);
  if (refusal === null) return error.cause ?? error;
  if (refusal.reason === 'signed-out') {
    const { pathname, search } = new URL(request.url);
    const next = pathname.replace(/\.data$/, '') + search;
    // Whoever sent a form is told what became of it, and led back to it.
    const ended = request.method === 'GET' ? '' : 'ended=yes&';
    return redirect(`/sign-in?${ended}next=${encodeURIComponent(next)}`);
  }
  return data(
    { reason: refusal.reason, message: errorMessage(refusal) },
    { status: getHTTPStatusCodeFromError(error) },
  );
}
