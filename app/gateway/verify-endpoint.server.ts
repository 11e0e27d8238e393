import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Gate } from './authorize.server';
import { holdOpen, lingerOver } from './connection-close.server';
import type { Lookup } from './key-repository.server';
import { sendRefusal } from './send-error.server';
import type { Target } from './request-target';

/**
 * The verify door: 200 with who holds the key and for what, or 401 or 403. Any other status means that
 * nothing was decided. Whatever method and body come are those of somebody else's request, and are not looked at.
 */
export function createVerify(gate: Gate, lookup: Lookup) {
  return (request: IncomingMessage, response: ServerResponse, target: Target): void => {
    const verdict = gate.judge(request, target, lookup.verified);
    if (!verdict.ok) {
      sendRefusal(request, response, verdict);
      return;
    }
    const { key } = verdict;
    gate.noteUse(key.id);
    holdOpen(request, response);
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
    lingerOver(request);
  };
}
