import type { IncomingMessage, ServerResponse } from 'node:http';
import { createEchoTool } from './echo-tool.server';
import type { GatewayContext } from './gateway-context';
import { sendWithNodeHttp } from './node-http-transport.server';
import { ProxiedCall } from './proxied-call.server';
import type { RequestTarget } from './request-target';
import type { RouteCall, UpstreamRequest } from './route-call.server';
import { sendError } from './send-error.server';
import { sendWithUndici } from './undici-transport.server';
import type { Upstream } from './upstream-pool.server';

/** A larger body always arrives in several chunks. */
const MAX_SINGLE_CHUNK_BYTES = 64 * 1024;

/** The proxy endpoint: forwards accepted calls to their tool's upstream and the responses back. */
export function createProxyEndpoint(context: GatewayContext, routeCall: RouteCall) {
  const answerEcho = createEchoTool();
  return (request: IncomingMessage, response: ServerResponse, target: RequestTarget): void => {
    const routed = routeCall(request, target);
    if (!routed.ok) {
      sendError(request, response, routed);
      return;
    }
    const { key, route } = routed;
    const call = new ProxiedCall(context, request, response, target, key);
    if (route === null) answerEcho(call, target.path, context.errors.requestIdOf(request), context.app.now());
    else send(call, route.upstream, route.outgoing);
  };
}

/**
 * Chooses the transport (decision 12). Most requests have no body, or one that arrives in the same packet as their
 * headers: undici sends those whole. Node's client streams the others.
 */
function send(call: ProxiedCall, upstream: Upstream, outgoing: UpstreamRequest): void {
  const { headers } = call.request;
  const length = Number(headers['content-length'] ?? 0);
  const chunked = headers['transfer-encoding'] !== undefined;
  if (chunked) outgoing.headers.push('transfer-encoding', 'chunked');
  if (headers.expect !== undefined) outgoing.headers.push('expect', headers.expect);
  if (chunked || headers.expect !== undefined || length > MAX_SINGLE_CHUNK_BYTES)
    sendWithNodeHttp(call, upstream, outgoing, null);
  else if (length === 0) sendWithUndici(call, upstream, outgoing, null);
  else sendWhenBodyArrives(call, upstream, outgoing, length);
}

/** Waits until the end of this turn of the event loop for the whole body in one chunk. */
function sendWhenBodyArrives(
  call: ProxiedCall,
  upstream: Upstream,
  outgoing: UpstreamRequest,
  length: number,
): void {
  const { request } = call;
  const onFirstChunk = (chunk: Buffer) => {
    clearImmediate(endOfTurn);
    if (chunk.length === length) {
      sendWithUndici(call, upstream, outgoing, chunk);
      return;
    }
    request.pause();
    sendWithNodeHttp(call, upstream, outgoing, chunk);
  };
  request.once('data', onFirstChunk);
  const endOfTurn = setImmediate(() => {
    request.off('data', onFirstChunk);
    request.pause();
    sendWithNodeHttp(call, upstream, outgoing, null);
  });
}
