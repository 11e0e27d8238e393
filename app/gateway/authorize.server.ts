import type { IncomingMessage } from 'node:http';
import type { Logger } from '~/core/logger.server';
import type { KeyKind } from '~/crypto/key-format.server';
import type { CallMetrics } from './call-metrics';
import type { ErrorReporter } from './error-reporter.server';
import { extractKeys } from './extract-keys';
import type { KeyRecord } from './key-records';
import type { RequestTarget } from './request-target';
import type { RenderedError } from './send-error.server';
import { verifyKey } from './verify-key.server';

/** Checks a request's key. A rejected key goes on the audit trail. */
export type Authorize = <Found extends KeyRecord>(
  request: IncomingMessage,
  target: RequestTarget,
  find: (hash: string, slug: string, kind: KeyKind) => Found | null,
) => { ok: true; key: Found } | ({ ok: false } & RenderedError);

export function createAuthorize(log: Logger, errors: ErrorReporter, metrics: CallMetrics): Authorize {
  return (request, target, find) => {
    try {
      const presented = extractKeys(request.rawHeaders, target.query);
      const result = verifyKey(presented, (hash, kind) => find(hash, target.slug, kind));
      if (!result.ok)
        return { ok: false, ...errors.reportRejectedKey(request, result.reason, target, result.key) };
      if (target.endpoint === 'verify') metrics.count('verify', target.slug, 'accepted');
      return result;
    } catch (error) {
      // If the database can't be read, the call is neither accepted nor does it end the server.
      log.error({ err: error, requestId: errors.requestIdOf(request) }, 'key lookup failed');
      return { ok: false, ...errors.report(request, 'key-lookup-failed', target) };
    }
  };
}
