import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { AppContext } from '~/app-context.server';
import { maskRawKeys } from '~/crypto/key-format.server';
import type { SqliteDatabase } from '~db/sqlite/connection.server';
import { abortOnRevocation } from './abort-on-revoke.server';
import { ActiveCalls } from './active-calls.server';
import { createAuthorizer } from './authorize.server';
import { CallMetrics } from './call-metrics';
import { createKeyRepository } from './key-repository.server';
import { createProxyEndpoint } from './proxy-endpoint.server';
import { parseRequestTarget, type RequestTarget } from './request-target';
import { createRouteCall } from './route-call.server';
import { sendError, sendErrorOnSocket } from './send-error.server';
import { createUpstreamPool } from './upstream-pool.server';
import { createVerifyEndpoint } from './verify-endpoint.server';
import { createWebSocketEndpoint, isWebSocketUpgrade } from './websocket.server';

/** Where keys work. Stands ahead of everything else on the HTTP server. */
export interface Gateway {
  /** Is this request target the gateway's? */
  handles(url: string | undefined): boolean;
  /** Answers a request that `handles` has claimed, also on the server's `checkContinue`. */
  handle(request: IncomingMessage, response: ServerResponse): void;
  /** Does this request ask the proxy endpoint for a WebSocket? No other upgrade is known here. */
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
export function createGateway(app: AppContext & { db: SqliteDatabase }, meter = new CallMetrics()): Gateway {
  const lookup = createKeyRepository(app.db);
  const gate = createAuthorizer(app, lookup, meter);
  const calls = new ActiveCalls(app.config.gateway);
  const upstreams = createUpstreamPool(() => app.config.origin);
  const parts = { app, gate, lookup, calls, upstreams, meter };
  const admit = createRouteCall(parts);
  const verify = createVerifyEndpoint(gate, lookup);
  const proxy = createProxyEndpoint({ ...parts, admit });
  const upgrade = createWebSocketEndpoint({ ...parts, admit });
  const unfollow = abortOnRevocation(app, parts);
  let draining = false;

  const cutAll = () => calls.cut(() => true, 'stopping');

  function serve(request: IncomingMessage, response: ServerResponse, target: RequestTarget | null): void {
    if (target === null || target.slug === '') {
      sendError(request, response, gate.gatewayError(request, 'no-such-address', target));
    } else if (target.endpoint === 'verify') {
      verify(request, response, target);
    } else if (draining) {
      response.shouldKeepAlive = false;
      sendError(request, response, gate.gatewayError(request, 'stopping', target));
    } else {
      proxy(request, response, target);
    }
  }

  return {
    handles: (url = '') =>
      url.startsWith('/gateway/') || url.startsWith('/verify/') || parseRequestTarget(url) !== null,
    handle(request, response) {
      const target = parseRequestTarget(request.url ?? '');
      if (app.log.isLevelEnabled('debug'))
        logWhenAnswered(app.log, gate.requestIdOf(request), request, response, target);
      try {
        serve(request, response, target);
      } catch (error) {
        // A bug in one call must not end everybody's.
        app.log.error({ err: error, requestId: gate.requestIdOf(request) }, 'a call failed');
        if (response.headersSent) response.destroy();
        else sendError(request, response, gate.gatewayError(request, 'failed', target));
      }
    },
    handlesUpgrade: (request) =>
      isWebSocketUpgrade(request) && parseRequestTarget(request.url ?? '')?.endpoint === 'proxy',
    upgrade(request, socket, head) {
      socket.on('error', () => socket.destroy()); // the client has gone; there is nobody to tell
      const target = parseRequestTarget(request.url ?? '');
      try {
        if (target === null || draining)
          sendErrorOnSocket(socket, gate.gatewayError(request, 'stopping', target));
        else upgrade(request, socket, head, target);
      } catch (error) {
        app.log.error({ err: error, requestId: gate.requestIdOf(request) }, 'an upgrade failed');
        sendErrorOnSocket(socket, gate.gatewayError(request, 'failed', target));
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
  log: AppContext['log'],
  requestId: string,
  { method }: IncomingMessage,
  response: ServerResponse,
  target: RequestTarget | null,
): void {
  const started = performance.now();
  response.once('close', () => {
    const ms = Math.round((performance.now() - started) * 10) / 10;
    const tool = maskRawKeys(target?.slug ?? '');
    const { statusCode: status } = response;
    log.debug({ requestId, endpoint: target?.endpoint, tool, method, status, ms }, 'gateway answered');
  });
}
