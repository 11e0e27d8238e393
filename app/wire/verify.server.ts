import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Gate } from './gate.server';
import type { FoundKey, Lookup } from './lookup.server';
import { lingerOver, sendRefusal } from './refuse.server';
import type { Target } from './target';

const itself = (key: FoundKey): FoundKey => key;

/**
 * The verify door: 200 with who holds the key and for what, or 401 or 403. Whatever method and body come are
 * those of somebody else's request, and are not looked at.
 */
export function createVerify(gate: Gate, lookup: Lookup) {
  const find = (hash: string) => lookup.key(hash);

  return (request: IncomingMessage, response: ServerResponse, target: Target): void => {
    const verdict = gate.judge(request, target, find, itself);
    if (!verdict.ok) {
      sendRefusal(request, response, verdict);
      return;
    }
    const key = verdict.found;
    response.writeHead(200, {
      'X-Key-Id': key.id,
      'X-Key-Holder': key.holderEmail,
      'X-Key-Holder-Id': key.holderId,
      'X-Key-Tool': key.slug,
      'X-Key-Environment': key.environment,
      'Cache-Control': 'no-store',
      'Content-Length': '0',
    });
    response.end();
    lingerOver(request);
  };
}
