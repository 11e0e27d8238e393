import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { AppContext } from '~/app-context.server';
import { maskRawKeys } from '~/crypto/key-format.server';
import { logRequest } from '~/net/access-log.server';
import type { SqliteDatabase } from '~db/sqlite/connection.server';
import { abortOnRevocation } from './abort-on-revoke.server';
import { ActiveCalls } from './active-calls.server';
import { createAuthorize } from './authorize.server';
import { CallMetrics } from './call-metrics';
import { createErrorReporter } from './error-reporter.server';
import { createKeyRepository } from './key-repository.server';
import { createLastUsedRecorder } from './last-used.server';
import { createProxyEndpoint } from './proxy-endpoint.server';
import { parseRequestTarget, type RequestTarget } from './request-target';
import { createRouteCall } from './route-call.server';
import { sendError, sendErrorOnSocket } from './send-error.server';
import { createUpstreamPool } from './upstream-pool.server';
import { createVerifyEndpoint } from './verify-endpoint.server';
import { createWebSocketEndpoint, isWebSocketUpgrade } from './websocket.server';

/** The proxy and verify endpoints, in front of everything else on the HTTP server. */
export interface Gateway {
  handles(url: string | undefined): boolean;
  /** Handles a request for which `handles` is true, also on the server's `checkContinue`. */
  handle(request: IncomingMessage, response: ServerResponse): void;
  /** Whether the request asks the proxy endpoint for a WebSocket. No other upgrade is supported. */
  handlesUpgrade(request: IncomingMessage): boolean;
  /** Handles an upgrade for which `handlesUpgrade` is true. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** The number of calls in progress. */
  activeCalls(): number;
  /** Rejects new calls from now on. Calls in progress continue. */
  drain(): void;
  abortAll(): void;
  /** Aborts all calls, writes what is pending and closes all connections. */
  close(): Promise<void>;
}

export function createGateway(
  app: AppContext & { db: SqliteDatabase },
  metrics = new CallMetrics(),
): Gateway {
  const keyRepository = createKeyRepository(app.db);
  const errors = createErrorReporter(app, keyRepository, metrics);
  const calls = new ActiveCalls(app.config.gateway);
  const lastUsed = createLastUsedRecorder(app);
  const upstreams = createUpstreamPool(() => app.config.origin);
  const authorize = createAuthorize(app.log, errors, metrics);
  const context = { app, authorize, errors, keyRepository, lastUsed, calls, upstreams, metrics };
  const routeCall = createRouteCall(context);
  const verify = createVerifyEndpoint(context);
  const proxy = createProxyEndpoint(context, routeCall);
  const upgrade = createWebSocketEndpoint(context, routeCall);
  const unsubscribe = abortOnRevocation(context);
  let draining = false;

  const abortAll = () => calls.abortWhere(() => true, 'shutting-down');

  function dispatch(request: IncomingMessage, response: ServerResponse, target: RequestTarget | null): void {
    if (target === null || target.slug === '') {
      sendError(request, response, errors.report(request, 'not-found', target));
    } else if (target.endpoint === 'verify') {
      verify(request, response, target);
    } else if (draining) {
      response.shouldKeepAlive = false;
      sendError(request, response, errors.report(request, 'shutting-down', target));
    } else {
      proxy(request, response, target);
    }
  }

  return {
    handles: (url = '') =>
      url.startsWith('/gateway/') || url.startsWith('/verify/') || parseRequestTarget(url) !== null,
    handle(request, response) {
      const target = parseRequestTarget(request.url ?? '');
      logRequest(app.log, 'gateway request', request, response, () => ({
        requestId: errors.requestIdOf(request),
        endpoint: target?.endpoint,
        tool: maskRawKeys(target?.slug ?? ''), // clients may put a key into the path
      }));
      try {
        dispatch(request, response, target);
      } catch (error) {
        // A bug in one call must not end the others.
        app.log.error({ err: error, requestId: errors.requestIdOf(request) }, 'gateway request failed');
        if (response.headersSent) response.destroy();
        else sendError(request, response, errors.report(request, 'internal-error', target));
      }
    },
    handlesUpgrade: (request) =>
      isWebSocketUpgrade(request) && parseRequestTarget(request.url ?? '')?.endpoint === 'proxy',
    upgrade(request, socket, head) {
      socket.on('error', () => socket.destroy()); // the client disconnected
      const target = parseRequestTarget(request.url ?? '');
      try {
        if (target === null || draining)
          sendErrorOnSocket(socket, errors.report(request, 'shutting-down', target));
        else upgrade(request, socket, head, target);
      } catch (error) {
        app.log.error({ err: error, requestId: errors.requestIdOf(request) }, 'gateway upgrade failed');
        sendErrorOnSocket(socket, errors.report(request, 'internal-error', target));
      }
    },
    activeCalls: () => calls.size,
    drain() {
      draining = true;
    },
    abortAll,
    async close() {
      draining = true;
      unsubscribe();
      abortAll();
      await Promise.all([lastUsed.close(), errors.close()]);
      await upstreams.close();
    },
  };
}
