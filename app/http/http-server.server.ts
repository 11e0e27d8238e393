import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { Duplex } from 'node:stream';
import type { Gateway } from '~/gateway/gateway.server';

/** How long a page's or the API's request, which is small, may take to arrive whole. */
const SMALL_REQUEST_MS = 60_000;
/** How long the headers of a request may take, whosever it is. */
const HEADERS_MS = 60_000;
/** After this silence the network is asked whether a peer is still there: a stream's client may vanish. */
const PROBE_AFTER_MS = 60_000;
/**
 * Longer than proxies in front keep an idle connection (nginx a minute, Traefik a minute and a half, Caddy two), so
 * that it is they who close it: closed here, it would break the call that a proxy is about to send on it.
 */
const KEEP_ALIVE_MS = 150_000;

/**
 * The one HTTP server: the gateway stands first, everything else is `rest`'s. Node's own limit on a whole
 * request is off, since uploads through the gateway may take as long as they move.
 */
export function createHttpServer(gateway: Gateway, rest: RequestListener): Server {
  const options = {
    requestTimeout: 0,
    headersTimeout: HEADERS_MS, // Node switches it off together with the other unless told
    keepAliveTimeout: KEEP_ALIVE_MS,
    keepAlive: true,
    keepAliveInitialDelay: PROBE_AFTER_MS,
  };
  const server = createServer(options, (request, response) => {
    if (response.socket === null) closeWithConnection(request, response);
    if (gateway.handles(request.url)) {
      gateway.handle(request, response);
      return;
    }
    const timer = setTimeout(() => {
      if (!request.complete) request.socket.destroy();
    }, SMALL_REQUEST_MS);
    response.once('close', () => clearTimeout(timer));
    rest(request, response);
  });
  // A client that asks before it sends a body is answered after the check, not before.
  server.on('checkContinue', (request, response) => {
    if (!gateway.handles(request.url)) response.writeContinue();
    server.emit('request', request, response);
  });
  server.on('upgrade', (request, socket, head) => {
    if (gateway.handlesUpgrade(request)) gateway.upgrade(request, socket, head);
    else withoutUpgrade(server, request, socket, head);
  });
  return server;
}

/**
 * Has a pipelined answer, which has no connection until those before it are sent, learn that its client has gone. Node
 * tells only the answer whose turn it is; the others would wait for ever, and with them whatever they hold.
 */
function closeWithConnection({ socket }: IncomingMessage, response: ServerResponse): void {
  const gone = () => {
    response.destroy();
    response.emit('close');
  };
  socket.setMaxListeners(0); // as many as there are requests in the pipeline
  socket.once('close', gone);
  response.once('socket', () => socket.off('close', gone));
}

/** What a request says of an upgrade, as headers and as options of `Connection`. */
const OF_UPGRADES = /^(upgrade|http2-settings)$/i;

/**
 * Serves a request as if it had not asked for an upgrade, which a server may always do. Clients add
 * `Upgrade: h2c` to plain requests on their own, and Node hands every such request over as a bare socket: it
 * is put back together, less the upgrade, and read again from the start. What else `Connection` says still holds.
 */
function withoutUpgrade(server: Server, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  const { method, url, httpVersion, rawHeaders } = request;
  let text = `${method} ${url} HTTP/${httpVersion}\r\n`;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const [name = '', value = ''] = rawHeaders.slice(index, index + 2);
    if (name.toLowerCase() === 'connection') text += `${name}: ${withoutOptions(value, OF_UPGRADES)}\r\n`;
    else if (!OF_UPGRADES.test(name)) text += `${name}: ${value}\r\n`;
  }
  socket.unshift(Buffer.concat([Buffer.from(`${text}\r\n`, 'latin1'), head]));
  server.emit('connection', socket);
}

const withoutOptions = (list: string, unwanted: RegExp): string =>
  list
    .split(',')
    .filter((option) => !unwanted.test(option.trim()))
    .join(',');
