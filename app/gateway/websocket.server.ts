import type { ClientRequest, IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { statusClass } from './call-metrics';
import { closeSocket } from './connection-close.server';
import type { GatewayErrorReason } from './error-catalogue';
import { GatewayCall } from './gateway-call';
import type { GatewayContext } from './gateway-context';
import { formatHead, hasBody, type RawHeaders, responseHeadersToForward } from './headers';
import type { RoutedKey } from './key-records';
import { openRequest } from './node-http-transport.server';
import { pipeSockets } from './pipe-sockets.server';
import type { RequestTarget } from './request-target';
import type { RouteCall } from './route-call.server';
import { sendErrorOnSocket } from './send-error.server';
import { systemErrorCode, upstreamErrorReason } from './upstream-failure.server';

/** How much a client's data is buffered before the upgrade; then reading pauses. Clients shouldn't send any. */
const MAX_EARLY_BYTES = 64 * 1024;

/**
 * Whether the request asks for a WebSocket (RFC 6455, 4.1). Requests with a body are rejected to prevent request
 * smuggling: the length would be forwarded but not the body, so the upstream would read the next call as the body.
 */
export function isWebSocketUpgrade({ method, headers }: IncomingMessage): boolean {
  return method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket' && !hasBody(headers);
}

/** WebSockets at the proxy endpoint: the same key check and headers, then bytes in both directions. */
export function createWebSocketEndpoint(context: GatewayContext, routeCall: RouteCall) {
  return (request: IncomingMessage, socket: Duplex, head: Buffer, target: RequestTarget): void => {
    const routed = routeCall(request, target);
    if (!routed.ok) {
      sendErrorOnSocket(socket, routed);
      return;
    }
    const { key, route } = routed;
    if (route === null) {
      sendErrorOnSocket(socket, context.errors.report(request, 'unsupported-endpoint', target));
      return;
    }
    const { upstream, outgoing } = route;
    outgoing.headers.push('connection', 'Upgrade', 'upgrade', request.headers.upgrade ?? '');
    new WebSocketCall(context, request, target, key, socket, head, openRequest(upstream, outgoing)).start();
  };
}

/** An upgrade request, then the upgraded connection or the response of an upstream that rejects it. */
class WebSocketCall extends GatewayCall {
  readonly #client: Duplex;
  /** What the client sent before the upgrade. */
  readonly #earlyData: Buffer[];
  readonly #upstream: ClientRequest;
  readonly #headersTimer: NodeJS.Timeout;
  #finished = false;

  constructor(
    context: GatewayContext,
    request: IncomingMessage,
    target: RequestTarget,
    key: RoutedKey,
    client: Duplex,
    head: Buffer,
    upstream: ClientRequest,
  ) {
    super(context, request, target, key);
    this.#client = client;
    this.#earlyData = [head];
    this.#upstream = upstream;
    this.#headersTimer = setTimeout(() => this.#endWithError('upstream-timeout'), key.headersTimeoutMs);
  }

  abort(reason: GatewayErrorReason): void {
    if (this.respondedAt === null) this.#endWithError(reason);
    else this.#break('aborted');
  }

  /** Sends the upgrade request upstream. */
  start(): void {
    const [client, upstream] = [this.#client, this.#upstream];
    const onEarlyData = (bytes: Buffer) => this.#bufferEarlyData(bytes);
    const onClientClose = () => {
      this.#close();
      client.destroy();
    };
    // Node reports the client's close only while the socket is being read.
    client.on('data', onEarlyData).once('end', onClientClose).once('close', onClientClose);
    upstream.on('error', (error) => this.#fail(error));
    upstream.on('information', ({ statusCode, statusMessage, rawHeaders }) => {
      if (!this.#finished && !client.writableNeedDrain)
        client.write(formatHead(statusCode, statusMessage, responseHeadersToForward(rawHeaders)), 'latin1');
    });
    upstream.once('upgrade', (response, upstreamSocket, upstreamHead) => {
      client.off('data', onEarlyData).off('end', onClientClose);
      this.outcome = 'upgraded';
      this.#writeHead(response, ['Connection', 'Upgrade', 'Upgrade', response.headers.upgrade ?? '']);
      pipeSockets(upstreamSocket, client, upstreamHead, Buffer.concat(this.#earlyData));
    });
    // Rejected by the upstream: forward its response and close.
    upstream.once('response', (response) => {
      this.#writeHead(response, ['Connection', 'close']);
      response.on('error', (error) => this.#fail(error));
      response.once('end', () => {
        this.outcome = statusClass(response.statusCode);
        closeSocket(client);
      });
      response.pipe(client, { end: false });
    });
    upstream.end();
    this.sentAt = performance.now();
  }

  #bufferEarlyData(bytes: Buffer): void {
    if (this.#finished || this.respondedAt !== null) return; // the upstream can't get it any more
    this.#earlyData.push(bytes);
    if (this.#earlyData.reduce((sum, { length }) => sum + length, 0) > MAX_EARLY_BYTES) this.#client.pause();
  }

  #writeHead(response: IncomingMessage, hopByHop: RawHeaders): void {
    clearTimeout(this.#headersTimer);
    this.respondedAt = performance.now();
    const { statusCode = 502, statusMessage = '', rawHeaders } = response;
    const headers = [...responseHeadersToForward(rawHeaders), ...hopByHop];
    this.#client.write(formatHead(statusCode, statusMessage, headers), 'latin1');
  }

  /** The upstream can't be reached, or broke off its response. */
  #fail(error: Error): void {
    if (this.#finished) return;
    const code = systemErrorCode(error);
    if (this.respondedAt === null) {
      this.#endWithError(upstreamErrorReason(error), code);
      return;
    }
    this.logUpstreamBroken(code);
    this.#break('upstream-broken');
  }

  #endWithError(reason: GatewayErrorReason, code?: string): void {
    if (this.#finished) return;
    this.outcome = 'refused';
    this.#close();
    sendErrorOnSocket(this.#client, this.renderError(reason, code));
  }

  /**
   * Breaks off the connection, so that no client takes the response for complete. A WebSocket has its own close
   * message; the body of a rejection may end with the connection, so only a reset says that it isn't complete.
   */
  #break(outcome: 'upstream-broken' | 'aborted'): void {
    if (this.#finished) return;
    const isUpgraded = this.outcome === 'upgraded';
    this.outcome = outcome;
    this.#close();
    if (!isUpgraded && this.#client instanceof Socket) this.#client.resetAndDestroy();
    else this.#client.destroy();
  }

  #close(): void {
    if (this.#finished) return;
    this.#finished = true;
    clearTimeout(this.#headersTimer);
    this.#upstream.destroy();
    this.finish();
  }
}
