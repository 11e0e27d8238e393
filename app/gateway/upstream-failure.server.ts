import type { GatewayErrorReason } from './error-catalogue';

/** The upstream's host name resolves only to addresses that aren't allowed. */
export class UpstreamNotAllowedError extends Error {
  readonly code = 'UPSTREAM_NOT_ALLOWED';
}

export class ConnectTimeoutError extends Error {
  readonly code = 'UPSTREAM_CONNECT_TIMEOUT';
}

/** Returns the reason the client gets for an upstream's failure. */
export const upstreamErrorReason = (error: Error): GatewayErrorReason =>
  error instanceof UpstreamNotAllowedError ? 'upstream-not-allowed' : 'upstream-unreachable';

/** Returns what the log says about it: the code, because the message may quote what was sent. */
export const systemErrorCode = (error: Error): string => (error as NodeJS.ErrnoException).code ?? error.name;
