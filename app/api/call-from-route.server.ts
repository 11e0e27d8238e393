import { type AppLoadContext, data, redirect } from '@remix-run/node';
import { TRPCError } from '@trpc/server';
import { getHTTPStatusCodeFromError } from '@trpc/server/http';
import { type ErrorReason, errorMessage } from '~/core/error-catalogue';
import { err } from '~/core/result';
import { toDomainError, toTrpcError } from './errors.server';
import { redirectWithFlash } from './flash.server';
import { type Caller, createCaller } from './router.server';

/** An error as a form shows it. */
export interface FormErrorData {
  reason: ErrorReason;
  message: string;
  /** Messages by field name. */
  fields: Record<string, string>;
}

/** An error with the status of its response, for `formErrorResponse`. */
export type FormError = { ok: false; status: number } & FormErrorData;

/** An error that an action finds by itself, before it calls a procedure. */
export function formError(reason: ErrorReason, fields: Record<string, string>): FormError {
  return { ok: false, status: 400, reason, message: errorMessage(err(reason)), fields };
}

interface RouteArgs {
  request: Request;
  context: AppLoadContext;
}

/**
 * Calls the API from a loader. Throws errors as responses: a redirect to the sign-in page if signed out, else for the
 * error boundary.
 */
export async function load<T>(
  { request, context }: RouteArgs,
  call: (caller: Caller) => Promise<T>,
): Promise<T> {
  try {
    return await call(createCaller(context.trpc));
  } catch (error) {
    throw await toResponse(error, { request, context });
  }
}

/** Calls the API from an action. Returns errors for the form to show, except that signed out redirects to sign in. */
export async function submit<T>(
  { request, context }: RouteArgs,
  call: (caller: Caller) => Promise<T>,
): Promise<{ ok: true; value: T } | FormError> {
  try {
    return { ok: true, value: await call(createCaller(context.trpc)) };
  } catch (error) {
    const domainError = error instanceof TRPCError ? toDomainError(error) : null;
    if (domainError === null || domainError.error.reason === 'signed-out')
      throw await toResponse(error, { request, context });
    return {
      ok: false,
      status: getHTTPStatusCodeFromError(error as TRPCError),
      reason: domainError.error.reason,
      message: domainError.message,
      fields: domainError.fields,
    };
  }
}

/**
 * Runs the handler of the button that was pressed. For an unknown intent it throws invalid-input, but only after
 * `authorize`, which throws if the caller may not see the page at all.
 */
export async function dispatchIntent<T>(
  intent: string,
  handlers: Record<string, () => Promise<T>>,
  authorize: () => Promise<unknown>,
): Promise<T> {
  const handler = Object.hasOwn(handlers, intent) ? handlers[intent] : undefined;
  if (handler !== undefined) return await handler();
  await authorize();
  throw toTrpcError(err('invalid-input'));
}

/**
 * An action's response to a failed submit: the error, and the values to show again (never a password). `fieldFor`
 * names the field that an error without fields belongs to.
 */
export function formErrorResponse<Values extends Record<string, string>>(
  { status, ...error }: FormError,
  values: Values,
  fieldFor: Partial<Record<ErrorReason, string>> = {},
) {
  const field = fieldFor[error.reason];
  const fields = field === undefined ? error.fields : { ...error.fields, [field]: error.message };
  return data({ ...error, fields, values }, { status });
}

/** What a route throws for an error of a call. Faults are thrown as they are. */
async function toResponse(error: unknown, args: RouteArgs): Promise<unknown> {
  if (!(error instanceof TRPCError)) return error;
  const domainError = toDomainError(error);
  if (domainError === null) return error.cause ?? error;
  const { message } = domainError;
  const { reason } = domainError.error;
  if (reason === 'signed-out') {
    const { pathname, search } = new URL(args.request.url);
    const next = pathname.replace(/\.data$/, '') + search;
    const signIn = `/sign-in?next=${encodeURIComponent(next)}`;
    // After a form, the sign-in page says that nothing was changed.
    return args.request.method === 'GET'
      ? redirect(signIn)
      : await redirectWithFlash(args, signIn, message, 'wait');
  }
  return data({ reason, message }, { status: getHTTPStatusCodeFromError(error) });
}
