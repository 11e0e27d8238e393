import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { App } from '~/app-context.server';
import { maskRawKeys } from '~/crypto/key-format.server';
import { createAdmit } from './route-call.server';
import { createNotePassed } from './collection.server';
import { createGate } from './authorize.server';
import { prepareLookup } from './key-repository.server';
import { GatewayMeter } from './call-metrics';
import { OpenCalls } from './active-calls.server';
import { createProxy } from './proxy-endpoint.server';
import { followChanges } from './abort-on-revoke.server';
import { sendRefusal, sendRefusalOn } from './send-error.server';
import { parseTarget, type Target } from './request-target';
import { asksForWebSocket, createUpgrade } from './websocket.server';
import { createUpstreams } from './upstream-pool.server';
import { createVerify } from './verify-endpoint.server';

/** Where keys work. Stands ahead of everything else on the HTTP server. */
export interface Gateway {
  /** Is this request target the gateway's? */
  handles(url: string | undefined): boolean;
  /** Answers a request that `handles` has claimed, also on the server's `checkContinue`. */
  handle(request: IncomingMessage, response: ServerResponse): void;
  /** Does this request ask the proxy door for a WebSocket? No other upgrade is known here. */
  handlesUpgrade(request: IncomingMessage): boolean;
  /** Answers an upgrade that `handlesUpgrade` has claimed. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** How many calls are under way. */
  openCalls(): number;
  /** Refuses new calls from now on; those under way go on. */
  drain(): void;
  /** Ends every call under way. */
  cutAll(): void;
  /** Ends what is under way, writes what is noted, and lets go of all connections. */
  close(): Promise<void>;
}

/** Builds the gateway of this application. */
export function createGateway(app: App, meter = new GatewayMeter()): Gateway {
  const lookup = prepareLookup(app.db);
  const gate = createGate(app, lookup, meter);
  const calls = new OpenCalls(app.config.gateway);
  const upstreams = createUpstreams(() => app.config.origin);
  const notePassed = createNotePassed();
  const parts = { app, gate, lookup, calls, upstreams, meter };
  const admit = createAdmit(parts);
  const verify = createVerify(gate, lookup);
  const proxy = createProxy({ ...parts, admit, notePassed });
  const upgrade = createUpgrade({ ...parts, admit });
  const unfollow = followChanges(app, parts);
  let draining = false;

  const cutAll = () => calls.cut(() => true, 'stopping');

  function serve(request: IncomingMessage, response: ServerResponse, target: Target | null): void {
    if (target === null || target.slug === '') {
      sendRefusal(request, response, gate.refusal(request, 'no-such-address', target));
    } else if (target.door === 'verify') {
      verify(request, response, target);
    } else if (draining) {
      response.shouldKeepAlive = false;
      sendRefusal(request, response, gate.refusal(request, 'stopping', target));
    } else {
      proxy(request, response, target);
    }
  }

  return {
    handles: (url = '') =>
      url.startsWith('/gateway/') || url.startsWith('/verify/') || parseTarget(url) !== null,
    handle(request, response) {
      const target = parseTarget(request.url ?? '');
      if (app.log.isLevelEnabled('debug'))
        logWhenAnswered(app.log, gate.requestIdOf(request), request, response, target);
      try {
        serve(request, response, target);
      } catch (error) {
        // A bug in one call must not end everybody's.
        app.log.error({ err: error, requestId: gate.requestIdOf(request) }, 'a call failed');
        if (response.headersSent) response.destroy();
        else sendRefusal(request, response, gate.refusal(request, 'failed', target));
      }
    },
    handlesUpgrade: (request) =>
      asksForWebSocket(request) && parseTarget(request.url ?? '')?.door === 'proxy',
    upgrade(request, socket, head) {
      socket.on('error', () => socket.destroy()); // the client has gone; there is nobody to tell
      const target = parseTarget(request.url ?? '');
      try {
        if (target === null || draining) sendRefusalOn(socket, gate.refusal(request, 'stopping', target));
        else upgrade(request, socket, head, target);
      } catch (error) {
        app.log.error({ err: error, requestId: gate.requestIdOf(request) }, 'an upgrade failed');
        sendRefusalOn(socket, gate.refusal(request, 'failed', target));
      }
    },
    openCalls: () => calls.size,
    drain() {
      draining = true;
    },
    cutAll,
    async close() {
      draining = true;
      unfollow();
      cutAll();
      await gate.close();
      await upstreams.close();
    },
  };
}

/** The path and query are left out: calls may carry keys in both. */
function logWhenAnswered(
  log: App['log'],
  requestId: string,
  { method }: IncomingMessage,
  response: ServerResponse,
  target: Target | null,
): void {
  const started = performance.now();
  response.once('close', () => {
    const ms = Math.round((performance.now() - started) * 10) / 10;
    const tool = maskRawKeys(target?.slug ?? '');
    const { statusCode: status } = response;
    log.debug({ requestId, door: target?.door, tool, method, status, ms }, 'gateway answered');
  });
}
