import { TRPCError } from '@trpc/server';
import { ZodError, type z } from 'zod';
import { errorCatalogue, errorMessage } from '~/core/error-catalogue';
import { type Err, err, type Result } from '~/core/result';

/** An expected error on its way through tRPC, which transports exceptions only. */
export class DomainError extends Error {
  constructor(
    readonly error: Err,
    /** Messages by field path, for invalid input. */
    readonly fields: Record<string, string> = {},
  ) {
    super(errorMessage(error));
  }
}

/** The value of a result, or throws its error as a `TRPCError` with the catalogue's code. */
export function unwrap<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw toTrpcError(result);
}

export function toTrpcError(error: Err): TRPCError {
  const cause = new DomainError(error);
  return new TRPCError({ code: errorCatalogue[error.reason].code, message: cause.message, cause });
}

/** The first message for each field, by its path. */
export function fieldErrors({ issues }: z.core.$ZodError): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const { path, message } of issues) fields[path.join('.')] ??= message;
  return fields;
}

/** tRPC's own codes for a request that it can't handle. */
const INVALID_REQUEST: readonly TRPCError['code'][] = [
  'BAD_REQUEST',
  'METHOD_NOT_SUPPORTED',
  'NOT_FOUND',
  'PARSE_ERROR',
  'UNSUPPORTED_MEDIA_TYPE',
];

/** The expected error inside a `TRPCError`; null if it is a bug or a fault. */
export function toDomainError(error: TRPCError): DomainError | null {
  const { cause } = error;
  if (cause instanceof DomainError) return cause;
  if (cause instanceof ZodError) {
    return new DomainError(err('invalid-input'), fieldErrors(cause));
  }
  return INVALID_REQUEST.includes(error.code) ? new DomainError(err('invalid-input')) : null;
}
