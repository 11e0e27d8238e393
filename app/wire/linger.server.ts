import type { IncomingMessage, ServerResponse } from 'node:http';

/** How long a client may go on sending what nobody reads before it is cut off. */
const LINGER_MS = 30_000;

/**
 * To be called before the headers of an answer are written. Node closes a connection with the answer's last
 * byte if the client has asked for that; while the client is still sending, this would reset the connection
 * and lose the answer. It is kept open then, and `lingerOver` closes it.
 */
export function holdOpen(request: IncomingMessage, response: ServerResponse): void {
  if (isOnItsWay(request)) response.shouldKeepAlive = true;
}

/** Drops what is left of a request whose answer is given, and its connection if that takes too long. */
export function lingerOver(request: IncomingMessage): void {
  if (!isOnItsWay(request)) return;
  request.resume();
  // Most bodies come in the packet of their headers, and are here whole when this turn ends.
  setImmediate(awaitRest, request);
}

/** Is some of the body still to come? Node calls a request complete only after it has been handled. */
function isOnItsWay({ complete, headers }: IncomingMessage): boolean {
  if (complete) return false;
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

function awaitRest(request: IncomingMessage): void {
  const { socket, headers, complete, destroyed } = request;
  const closes = headers.connection !== undefined && /\bclose\b/i.test(headers.connection);
  if (complete) {
    if (closes) socket.end();
  } else if (!destroyed) {
    const timer = setTimeout(() => socket.destroy(), LINGER_MS).unref();
    request.once('close', () => clearTimeout(timer));
    if (closes) request.once('end', () => socket.end());
  }
}
