import type { IncomingMessage, ServerResponse } from 'node:http';
import { drainThenClose, keepAliveForBody } from './connection-close.server';
import type { GatewayContext } from './gateway-context';
import type { RequestTarget } from './request-target';
import { sendError } from './send-error.server';

/**
 * The verify endpoint: 200 with the key's holder and tool, or 401 or 403. Any other status means that there is no
 * decision. The method and body belong to the request that is being verified and are ignored.
 */
export function createVerifyEndpoint({ authorize, keyRepository, lastUsed }: GatewayContext) {
  return (request: IncomingMessage, response: ServerResponse, target: RequestTarget): void => {
    const authorized = authorize(request, target, keyRepository.verified);
    if (!authorized.ok) {
      sendError(request, response, authorized);
      return;
    }
    const { key } = authorized;
    lastUsed.record(key.id);
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
