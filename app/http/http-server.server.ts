import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { Duplex } from 'node:stream';
import type { Gateway } from '~/gateway/gateway.server';

/** How long a request to a page or the API may take to arrive. */
const REQUEST_TIMEOUT_MS = 60_000;
/** How long the headers of any request may take to arrive. */
const HEADERS_TIMEOUT_MS = 60_000;
/** TCP keep-alive: finds clients of a stream that have vanished. */
const TCP_KEEP_ALIVE_MS = 60_000;
/**
 * HTTP keep-alive. Longer than reverse proxies keep idle connections (nginx 60 s, Traefik 90 s, Caddy 120 s). If this
 * server closed first, a request that a proxy is just sending would fail.
 */
const HTTP_KEEP_ALIVE_MS = 150_000;

/**
 * The HTTP server. The gateway handles its own paths, `rest` all others. Node's request timeout is off, because uploads
 * through the gateway may take any time.
 */
export function createHttpServer(gateway: Gateway, rest: RequestListener): Server {
  const options = {
    requestTimeout: 0,
    headersTimeout: HEADERS_TIMEOUT_MS, // explicit, because requestTimeout 0 disables its default
    keepAliveTimeout: HTTP_KEEP_ALIVE_MS,
    keepAlive: true,
    keepAliveInitialDelay: TCP_KEEP_ALIVE_MS,
  };
  const server = createServer(options, (request, response) => {
    if (response.socket === null) closeWithConnection(request, response);
    if (gateway.handles(request.url)) {
      gateway.handle(request, response);
      return;
    }
    const timer = setTimeout(() => {
      if (!request.complete) request.socket.destroy();
    }, REQUEST_TIMEOUT_MS);
    response.once('close', () => clearTimeout(timer));
    rest(request, response);
  });
  // The gateway checks the key before it sends 100 Continue.
  server.on('checkContinue', (request, response) => {
    if (!gateway.handles(request.url)) response.writeContinue();
    server.emit('request', request, response);
  });
  server.on('upgrade', (request, socket, head) => {
    if (gateway.handlesUpgrade(request)) gateway.upgrade(request, socket, head);
    else ignoreUpgrade(server, request, socket, head);
  });
  return server;
}

/**
 * Closes a pipelined response when its client disconnects. Such a response has no socket until the ones before it are
 * sent. Node emits `close` only for the first one; the others would wait forever and leak what they use.
 */
function closeWithConnection({ socket }: IncomingMessage, response: ServerResponse): void {
  const close = () => {
    response.destroy();
    response.emit('close');
  };
  socket.setMaxListeners(0); // one per pipelined request
  socket.once('close', close);
  response.once('socket', () => socket.off('close', close));
}

/** Headers, and options of `Connection`, that ask for an upgrade. */
const UPGRADE_NAMES = /^(upgrade|http2-settings)$/i;

/**
 * Serves a request as if it hadn't asked for an upgrade. Some clients add `Upgrade: h2c` to ordinary requests, and Node
 * passes each of them as a bare socket. So the request is written back to the socket without the upgrade and parsed
 * again.
 */
function ignoreUpgrade(server: Server, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  const { method, url, httpVersion, rawHeaders } = request;
  let text = `${method} ${url} HTTP/${httpVersion}\r\n`;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const [name = '', value = ''] = rawHeaders.slice(index, index + 2);
    if (name.toLowerCase() === 'connection') text += `${name}: ${removeOptions(value, UPGRADE_NAMES)}\r\n`;
    else if (!UPGRADE_NAMES.test(name)) text += `${name}: ${value}\r\n`;
  }
  socket.unshift(Buffer.concat([Buffer.from(`${text}\r\n`, 'latin1'), head]));
  server.emit('connection', socket);
}

const removeOptions = (list: string, unwanted: RegExp): string =>
  list
    .split(',')
    .filter((option) => !unwanted.test(option.trim()))
    .join(',');
