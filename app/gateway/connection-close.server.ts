import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { hasBody } from './headers';

/** How long a client may continue to send a body that is dropped. */
const DRAIN_TIMEOUT_MS = 30_000;
/** How long a client may take to close after a response that ends its connection. */
const CLOSE_TIMEOUT_MS = 5_000;

/**
 * Call before writing response headers. If the client asked for it, Node closes the connection after the response.
 * While the client is still sending, that resets the connection and loses the response: keep it open, and let
 * `drainThenClose` close it.
 */
export function keepAliveForBody(request: IncomingMessage, response: ServerResponse): void {
  if (isBodyIncomplete(request)) response.shouldKeepAlive = true;
}

/** Drops the rest of the request after its response, and closes the connection if that takes too long. */
export function drainThenClose(request: IncomingMessage): void {
  if (!isBodyIncomplete(request)) return;
  request.resume();
  // Most bodies arrive in the same packet as their headers and are complete at the end of this turn.
  setImmediate(closeAfterBody, request);
}

/** Node sets `complete` only after the request handler has run, also for requests without a body. */
function isBodyIncomplete({ complete, headers }: IncomingMessage): boolean {
  return !complete && hasBody(headers);
}

function closeAfterBody(request: IncomingMessage): void {
  const { socket, headers, complete, destroyed } = request;
  const closes = headers.connection !== undefined && /\bclose\b/i.test(headers.connection);
  if (complete) {
    if (closes) socket.end();
  } else if (!destroyed) {
    const timer = setTimeout(() => socket.destroy(), DRAIN_TIMEOUT_MS).unref();
    request.once('close', () => clearTimeout(timer));
    if (closes) request.once('end', () => socket.end());
  }
}

/** Breaks off a response that has begun, so that no client takes it for complete. */
export function abortResponse({ httpVersionMinor }: IncomingMessage, response: ServerResponse): void {
  // In HTTP/1.0 the end of the connection may be the end of the body. Only a reset says otherwise.
  if (httpVersionMinor === 0) response.socket?.resetAndDestroy();
  response.destroy();
}

/** Writes `last`, then closes the socket. Keeps draining input, otherwise Node never reports the client's close. */
export function closeSocket(socket: Duplex, last?: Buffer): void {
  socket.resume();
  socket.end(last, () => {
    const timer = setTimeout(() => socket.destroy(), CLOSE_TIMEOUT_MS).unref();
    socket.once('close', () => clearTimeout(timer));
  });
}
