import type { IncomingMessage, ServerResponse } from 'node:http';
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { DialectRules, Refusal } from './dialects/dialect';
import { headText } from './headers';
import { hangUp, holdOpen, lingerOver } from './connection-close.server';

/** Calls over a limit end soon: most are short. */
const RETRY_AFTER_SECONDS = 1;

/** A refusal, and the dialect to send it in. */
export interface Rendered {
  rules: DialectRules;
  refusal: Refusal;
}

/** The headers and body of a refusal, in the dialect's shape. */
export function renderRefusal({ rules, refusal }: Rendered): {
  headers: Record<string, string>;
  body: Buffer;
} {
  const { status, requestId } = refusal;
  const body = Buffer.from(`${JSON.stringify(rules.refusalBody(refusal))}\n`);
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
export function sendRefusal(request: IncomingMessage, response: ServerResponse, rendered: Rendered): void {
  const { headers, body } = renderRefusal(rendered);
  response.sendDate = true;
  holdOpen(request, response);
  const { status } = rendered.refusal;
  response.writeHead(status, STATUS_CODES[status], headers);
  response.end(body);
  lingerOver(request);
}

/** Answers a refused upgrade, for which Node hands over a bare socket, and closes it. */
export function sendRefusalOn(socket: Duplex, rendered: Rendered): void {
  const { headers, body } = renderRefusal(rendered);
  const { status } = rendered.refusal;
  const lines = Object.entries({ ...headers, connection: 'close' }).flat();
  const head = headText(status, STATUS_CODES[status] ?? '', lines);
  hangUp(socket, Buffer.concat([Buffer.from(head, 'latin1'), body]));
}
