import type { IncomingMessage, ServerResponse } from 'node:http';
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { closeSocket, drainThenClose, keepAliveForBody } from './connection-close.server';
import type { DialectRules, ErrorResponse } from './dialects/dialect';
import { headText } from './headers';

/** Calls over a limit end soon: most are short. */
const RETRY_AFTER_SECONDS = 1;

/** A refusal, and the dialect to send it in. */
export interface RenderedError {
  rules: DialectRules;
  error: ErrorResponse;
}

/** The headers and body of a refusal, in the dialect's shape. */
export function renderError({ rules, error }: RenderedError): {
  headers: Record<string, string>;
  body: Buffer;
} {
  const { status, requestId } = error;
  const body = Buffer.from(`${JSON.stringify(rules.errorBody(error))}\n`);
  const headers: Record<string, string> = {
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(body.length),
    'cache-control': 'no-store',
    [rules.requestIdHeader]: requestId,
  };
  if (status === 401) headers['www-authenticate'] = 'Bearer realm="My AI Keys"';
  // The SDKs that heed this would otherwise decide by themselves; a refused key stays refused.
  if (status === 401 || status === 403) headers['x-should-retry'] = 'false';
  if (status === 429) headers['retry-after'] = String(RETRY_AFTER_SECONDS);
  return { headers, body };
}

/** Answers with a refusal, whether or not the request's body has arrived; what comes of it is dropped. */
export function sendError(request: IncomingMessage, response: ServerResponse, rendered: RenderedError): void {
  const { headers, body } = renderError(rendered);
  response.sendDate = true;
  keepAliveForBody(request, response);
  const { status } = rendered.error;
  response.writeHead(status, STATUS_CODES[status], headers);
  response.end(body);
  drainThenClose(request);
}

/** Answers a refused upgrade, for which Node hands over a bare socket, and closes it. */
export function sendErrorOnSocket(socket: Duplex, rendered: RenderedError): void {
  const { headers, body } = renderError(rendered);
  const { status } = rendered.error;
  const lines = Object.entries({ ...headers, connection: 'close' }).flat();
  const head = headText(status, STATUS_CODES[status] ?? '', lines);
  closeSocket(socket, Buffer.concat([Buffer.from(head, 'latin1'), body]));
}
