import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Authorizer } from './authorize.server';
import { drainThenClose, keepAliveForBody } from './connection-close.server';
import type { KeyRepository } from './key-repository.server';
import type { RequestTarget } from './request-target';
import { sendError } from './send-error.server';

/**
 * The verify endpoint: 200 with who holds the key and for what, or 401 or 403. Any other status means that
 * nothing was decided. Whatever method and body come are those of somebody else's request, and are not looked at.
 */
export function createVerifyEndpoint(gate: Authorizer, lookup: KeyRepository) {
  return (request: IncomingMessage, response: ServerResponse, target: RequestTarget): void => {
    const verdict = gate.authorize(request, target, lookup.verified);
    if (!verdict.ok) {
      sendError(request, response, verdict);
      return;
    }
    const { key } = verdict;
    gate.recordUse(key.id);
    keepAliveForBody(request, response);
    response.writeHead(200, {
      'X-Key-Id': key.id,
      'X-Key-Holder': key.holder,
      'X-Key-Holder-Id': key.holderId,
      'X-Key-Tool': target.slug,
      'X-Key-Environment': key.environment,
      'Cache-Control': 'no-store',
      'Content-Length': '0',
    });
    response.end();
    drainThenClose(request);
  };
}
