import type { IncomingMessage, ServerResponse } from 'node:http';
import type { App } from '~/app-context.server';
import type { Admit, Outgoing } from './route-call.server';
import { Call } from './proxied-call.server';
import { hasKeyParameter } from './extract-keys';
import type { NotePassed } from './collection.server';
import { createEcho } from './echo-tool.server';
import type { Gate } from './authorize.server';
import type { GatewayMeter } from './call-metrics';
import type { OpenCalls } from './active-calls.server';
import { sendRefusal } from './send-error.server';
import { carryStreamed } from './node-http-transport.server';
import type { Target } from './request-target';
import type { Upstream } from './upstream-pool.server';
import { carryWhole } from './undici-transport.server';

/** A larger body is on its way in several pieces for certain. */
const WHOLE_BODY_BYTES = 64 * 1024;

/**
 * What an upstream answers has this server's origin in a browser, and a script in it would act as whoever is signed in
 * there. A link can bring a browser here with one carrier only, a key in the address: what is asked for so is shown
 * without scripts, forms or an origin (cross-site scripting).
 */
const FOR_LINKS = ['Content-Security-Policy', 'sandbox'];

export interface ProxyParts {
  app: Pick<App, 'log' | 'now'>;
  admit: Admit;
  gate: Gate;
  calls: OpenCalls;
  meter: GatewayMeter;
}

interface Parts extends ProxyParts {
  notePassed: NotePassed;
}

/** The proxy door: carries accepted calls to their tool's upstream and the answers back. */
export function createProxy({ app, admit, gate, calls, meter, notePassed }: Parts) {
  const answerEcho = createEcho();
  return (request: IncomingMessage, response: ServerResponse, target: Target): void => {
    const admission = admit(request, target);
    if (!admission.ok) {
      sendRefusal(request, response, admission);
      return;
    }
    const { key, destination } = admission;
    const call = new Call(request, response, {
      keyId: key.id,
      holderId: key.holderId,
      toolId: key.toolId,
      headersTimeoutMs: key.headersTimeoutMs,
      alsoReturned: hasKeyParameter(target.query) ? FOR_LINKS : [],
      refuse: (reason, code) => sendRefusal(request, response, gate.refusal(request, reason, target, code)),
      onBroken: (code) => gate.noteBroken(request, target.slug, code),
      notePassed,
      onEnd(ended) {
        calls.remove(ended);
        meter.ended(target.slug, ended, performance.now());
      },
    });
    calls.add(call);
    if (destination === null) answerEcho(call, target.path, gate.requestIdOf(request), app.now());
    else carry(call, destination.upstream, destination.outgoing);
  };
}

/**
 * Chooses the carrier. Most requests have no body, or one that comes in the same packet as their headers;
 * those go out in one piece. The others are streamed from their headers on.
 */
function carry(call: Call, upstream: Upstream, outgoing: Outgoing): void {
  const { headers } = call.request;
  const length = Number(headers['content-length'] ?? 0);
  const chunked = headers['transfer-encoding'] !== undefined;
  if (chunked) outgoing.headers.push('transfer-encoding', 'chunked');
  if (headers.expect !== undefined) outgoing.headers.push('expect', headers.expect);
  if (chunked || headers.expect !== undefined || length > WHOLE_BODY_BYTES)
    carryStreamed(call, upstream, outgoing, null);
  else if (length === 0) carryWhole(call, upstream, outgoing, null);
  else carryWhenHere(call, upstream, outgoing, length);
}

/** Gives the body until the end of this turn to arrive in one piece. */
function carryWhenHere(call: Call, upstream: Upstream, outgoing: Outgoing, length: number): void {
  const { request } = call;
  const take = (first: Buffer) => {
    clearImmediate(turn);
    if (first.length === length) {
      carryWhole(call, upstream, outgoing, first);
      return;
    }
    request.pause();
    carryStreamed(call, upstream, outgoing, first);
  };
  request.once('data', take);
  const turn = setImmediate(() => {
    request.off('data', take);
    request.pause();
    carryStreamed(call, upstream, outgoing, null);
  });
}
