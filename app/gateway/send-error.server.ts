import type { IncomingMessage, ServerResponse } from 'node:http';
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { closeSocket, drainThenClose, keepAliveForBody } from './connection-close.server';
import type { DialectRules, ErrorResponse } from './dialects/dialect';
import { formatHead } from './headers';

/** Most calls are short, so one over a concurrency limit can soon succeed. */
const RETRY_AFTER_SECONDS = 1;

/** An error and the dialect to send it in. */
export interface RenderedError {
  rules: DialectRules;
  error: ErrorResponse;
}

/** Returns the headers and body of an error in the shape of its dialect. */
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
  // Without this header, the SDKs that support it decide on their own. A rejected key stays rejected.
  if (status === 401 || status === 403) headers['x-should-retry'] = 'false';
  if (status === 429) headers['retry-after'] = String(RETRY_AFTER_SECONDS);
  return { headers, body };
}

/** Sends an error, whether or not the request's body has arrived. The rest of the body is dropped. */
export function sendError(request: IncomingMessage, response: ServerResponse, rendered: RenderedError): void {
  const { headers, body } = renderError(rendered);
  response.sendDate = true;
  keepAliveForBody(request, response);
  const { status } = rendered.error;
  response.writeHead(status, STATUS_CODES[status], headers);
  response.end(body);
  drainThenClose(request);
}

/** Sends an error to a request for an upgrade, for which Node provides only a socket, and closes it. */
export function sendErrorOnSocket(socket: Duplex, rendered: RenderedError): void {
  const { headers, body } = renderError(rendered);
  const { status } = rendered.error;
  const lines = Object.entries({ ...headers, connection: 'close' }).flat();
  const head = formatHead(status, STATUS_CODES[status] ?? '', lines);
  closeSocket(socket, Buffer.concat([Buffer.from(head, 'latin1'), body]));
}
