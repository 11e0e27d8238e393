import type { App } from '~/app.server';
import type { WireReason } from './refusals';

/** The upstream's name leads to an address that may not be called. */
export class UpstreamNotAllowed extends Error {
  readonly code = 'UPSTREAM_NOT_ALLOWED';
}

/**
 * Logs how an upstream failed, for admins, and answers what its callers are told, which is less. Only the
 * error's code is logged: its message may quote what was sent.
 */
export function reportFailure(log: App['log'], tool: string, error: Error): WireReason {
  const { code = error.name } = error as NodeJS.ErrnoException;
  log.warn({ tool, code }, 'an upstream failed');
  return error instanceof UpstreamNotAllowed ? 'upstream-not-allowed' : 'upstream-unreachable';
}
