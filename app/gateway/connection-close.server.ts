import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { announcesBody } from './headers';

/** How long a client may go on sending what nobody reads before it is cut off. */
const DRAIN_TIMEOUT_MS = 30_000;
/** How long a client may take to hang up once it has an answer that ends its connection. */
const CLOSE_TIMEOUT_MS = 5_000;

/**
 * To be called before the headers of an answer are written. Node closes a connection with the answer's last
 * byte if the client has asked for that; while the client is still sending, this would reset the connection
 * and lose the answer. It is kept open then, and `lingerOver` closes it.
 */
export function keepAliveForBody(request: IncomingMessage, response: ServerResponse): void {
  if (isOnItsWay(request)) response.shouldKeepAlive = true;
}

/** Drops what is left of a request whose answer is given, and its connection if that takes too long. */
export function drainThenClose(request: IncomingMessage): void {
  if (!isOnItsWay(request)) return;
  request.resume();
  // Most bodies come in the packet of their headers, and are here whole when this turn ends.
  setImmediate(awaitRest, request);
}

/** Is some of the body still to come? Node calls a request complete only after it has been handled. */
function isOnItsWay({ complete, headers }: IncomingMessage): boolean {
  return !complete && announcesBody(headers);
}

function awaitRest(request: IncomingMessage): void {
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

/** Ends the connection of an answer that has begun, so that no client takes what it has for the whole. */
export function abortResponse({ httpVersionMinor }: IncomingMessage, response: ServerResponse): void {
  // HTTP/1.0 has no chunks: the connection's end may be the body's, and only a reset says that it is not.
  if (httpVersionMinor === 0) response.socket?.resetAndDestroy();
  response.destroy();
}

/**
 * Ends a bare socket, of which nobody else takes care, after this last piece. What its client still sends is dropped:
 * unread, it would hide that the client has hung up. A client that does not is hung up on.
 */
export function closeSocket(socket: Duplex, last?: Buffer): void {
  socket.resume();
  socket.end(last, () => {
    const timer = setTimeout(() => socket.destroy(), CLOSE_TIMEOUT_MS).unref();
    socket.once('close', () => clearTimeout(timer));
  });
}
