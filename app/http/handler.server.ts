import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { createRequestListener } from '@remix-run/node-fetch-server';
import { createContext } from '~/api/context.server';
import { isApiPath, serveApi } from '~/api/serve-api.server';
import type { AppContext } from '~/app-context.server';
import type { ClientInfo } from '~/audit/record.server';
import { errorMessage } from '~/core/error-catalogue';
import { err } from '~/core/result';
import { maskRawKeys } from '~/crypto/key-format.server';
import { logRequest } from '~/net/access-log.server';
import { createClientAddress, createRequestId } from '~/net/client-address.server';
import { limitBody } from './body-limit.server';
import { healthResponse } from './health.server';
import { isForeignMutation } from './origin-check.server';
import { createPageHandler, type RemixBuild } from './page-handler.server';
import { plainResponse } from './plain-response.server';
import { commonHeaders } from './security-headers.server';

export interface HandlerOptions {
  build: RemixBuild;
  /** Serves files of the browser build; calls `next` for other paths. */
  assets?: (request: IncomingMessage, response: ServerResponse, next: () => void) => void;
  /** Serves `/metrics`. */
  metrics?: (request: IncomingMessage, response: ServerResponse) => void;
  development?: boolean;
}

/** Serves everything but the gateway: metrics, assets, health checks, the API and pages, in this order. */
export function createHandler(
  app: AppContext,
  { build, assets, metrics, development = false }: HandlerOptions,
): RequestListener {
  const { config, log } = app;
  const servePage = createPageHandler(build, development);
  const addressOf = createClientAddress(config.trustedProxies);
  const requestIdOf = createRequestId(config.trustedProxies);

  async function respond(received: Request, origin: ClientInfo): Promise<Response> {
    const { pathname } = new URL(received.url);
    const health = await healthResponse(app, pathname);
    if (health !== null) return health;
    if (isForeignMutation(received.method, received.headers, config.origin)) {
      return plainResponse(config, 403, errorMessage(err('cross-site-request')));
    }
    const request = await limitBody(received);
    if (request === null) {
      const tooLarge = plainResponse(config, 413, 'The request body is too large.');
      tooLarge.headers.set('Connection', 'close'); // otherwise Node would read the rest of the body
      return tooLarge;
    }
    const cookies: string[] = [];
    const trpc = createContext(app, origin, request.headers.get('cookie'), (value) => cookies.push(value));
    const response = isApiPath(pathname)
      ? await serveApi(request, trpc)
      : await servePage(request, trpc, cookies);
    for (const [name, value] of commonHeaders(config)) response.headers.set(name, value);
    for (const cookie of cookies) response.headers.append('Set-Cookie', cookie);
    return response;
  }

  const listen = (request: IncomingMessage, response: ServerResponse, origin: ClientInfo) =>
    createRequestListener((fetchRequest) => respond(fetchRequest, origin), {
      // Part of the request's URL. Behind a TLS proxy, only the settings know it.
      protocol: config.secure ? 'https:' : 'http:',
      onError(error) {
        log.error({ err: error, requestId: origin.requestId }, 'request failed');
        return plainResponse(
          config,
          500,
          'Something went wrong on the server. Nothing was changed; try again.',
        );
      },
    })(request, response);

  return (request, response) => {
    const origin: ClientInfo = {
      requestId: requestIdOf(request),
      address: addressOf(request),
      userAgent: request.headers['user-agent'] ?? null,
    };
    response.setHeader('X-Request-Id', origin.requestId ?? '');
    logRequest(app.log, 'request', request, response, () => ({
      path: maskRawKeys(request.url?.split('?', 1)[0] ?? ''),
      requestId: origin.requestId,
    }));
    const serve = () => listen(request, response, origin);
    if (metrics && request.url === '/metrics') metrics(request, response);
    else if (assets && (request.method === 'GET' || request.method === 'HEAD'))
      assets(request, response, serve);
    else serve();
  };
}
