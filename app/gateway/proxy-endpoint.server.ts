import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AppContext } from '~/app-context.server';
import type { ActiveCalls } from './active-calls.server';
import type { Authorizer } from './authorize.server';
import type { CallMetrics } from './call-metrics';
import { createEchoTool } from './echo-tool.server';
import { hasKeyParameter } from './extract-keys';
import { sendWithNodeHttp } from './node-http-transport.server';
import { ProxiedCall } from './proxied-call.server';
import type { RequestTarget } from './request-target';
import type { RouteCall, UpstreamRequest } from './route-call.server';
import { sendError } from './send-error.server';
import { sendWithUndici } from './undici-transport.server';
import type { Upstream } from './upstream-pool.server';

/** A larger body is on its way in several pieces for certain. */
const WHOLE_BODY_BYTES = 64 * 1024;

/**
 * What an upstream answers has this server's origin in a browser, and a script in it would act as whoever is signed in
 * there. A link can bring a browser here with one carrier only, a key in the address: what is asked for so is shown
 * without scripts, forms or an origin (cross-site scripting).
 */
const FOR_LINKS = ['Content-Security-Policy', 'sandbox'];

export interface ProxyParts {
  app: Pick<AppContext, 'log' | 'now'>;
  admit: RouteCall;
  gate: Authorizer;
  calls: ActiveCalls;
  meter: CallMetrics;
}

/** The proxy endpoint: carries accepted calls to their tool's upstream and the answers back. */
export function createProxyEndpoint({ app, admit, gate, calls, meter }: ProxyParts) {
  const answerEcho = createEchoTool();
  return (request: IncomingMessage, response: ServerResponse, target: RequestTarget): void => {
    const admission = admit(request, target);
    if (!admission.ok) {
      sendError(request, response, admission);
      return;
    }
    const { key, destination } = admission;
    const call = new ProxiedCall(request, response, {
      keyId: key.id,
      holderId: key.holderId,
      toolId: key.toolId,
      headersTimeoutMs: key.headersTimeoutMs,
      alsoReturned: hasKeyParameter(target.query) ? FOR_LINKS : [],
      refuse: (reason, code) =>
        sendError(request, response, gate.gatewayError(request, reason, target, code)),
      onBroken: (code) => gate.logBrokenResponse(request, target.slug, code),
      onEnd(ended) {
        calls.remove(ended);
        meter.ended(target.slug, ended, performance.now());
      },
    });
    calls.add(call);
    if (destination === null) answerEcho(call, target.path, gate.requestIdOf(request), app.now());
    else send(call, destination.upstream, destination.outgoing);
  };
}

/**
 * Chooses the carrier. Most requests have no body, or one that comes in the same packet as their headers;
 * those go out in one piece. The others are streamed from their headers on.
 */
function send(call: ProxiedCall, upstream: Upstream, outgoing: UpstreamRequest): void {
  const { headers } = call.request;
  const length = Number(headers['content-length'] ?? 0);
  const chunked = headers['transfer-encoding'] !== undefined;
  if (chunked) outgoing.headers.push('transfer-encoding', 'chunked');
  if (headers.expect !== undefined) outgoing.headers.push('expect', headers.expect);
  if (chunked || headers.expect !== undefined || length > WHOLE_BODY_BYTES)
    sendWithNodeHttp(call, upstream, outgoing, null);
  else if (length === 0) sendWithUndici(call, upstream, outgoing, null);
  else sendWhenBodyArrives(call, upstream, outgoing, length);
}

/** Gives the body until the end of this turn to arrive in one piece. */
function sendWhenBodyArrives(
  call: ProxiedCall,
  upstream: Upstream,
  outgoing: UpstreamRequest,
  length: number,
): void {
  const { request } = call;
  const take = (first: Buffer) => {
    clearImmediate(turn);
    if (first.length === length) {
      sendWithUndici(call, upstream, outgoing, first);
      return;
    }
    request.pause();
    sendWithNodeHttp(call, upstream, outgoing, first);
  };
  request.once('data', take);
  const turn = setImmediate(() => {
    request.off('data', take);
    request.pause();
    sendWithNodeHttp(call, upstream, outgoing, null);
  });
}
