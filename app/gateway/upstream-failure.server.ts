import type { GatewayErrorCode } from './error-catalogue';

/** The upstream's name leads to an address that may not be called. */
export class UpstreamNotAllowedError extends Error {
  readonly code = 'UPSTREAM_NOT_ALLOWED';
}

/** The upstream let nobody connect for as long as a connection is waited for. */
export class ConnectTimeoutError extends Error {
  readonly code = 'UPSTREAM_CONNECT_TIMEOUT';
}

/** What callers are told of an upstream's failure. */
export const failureReason = (error: Error): GatewayErrorCode =>
  error instanceof UpstreamNotAllowedError ? 'upstream-not-allowed' : 'upstream-unreachable';

/** What the log tells of it, for admins: not the error's message, which may quote what was sent. */
export const failureCode = (error: Error): string => (error as NodeJS.ErrnoException).code ?? error.name;
