import { randomBytes } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { createRequestHandler, type ServerBuild } from '@remix-run/node';
import { createRequestListener } from '@remix-run/node-fetch-server';
import { type Context, createContext } from '~/api/context.server';
import { isApiPath, serveApi } from '~/api/serve-api.server';
import type { AppContext } from '~/app-context.server';
import type { ClientInfo } from '~/audit/record.server';
import { errorMessage } from '~/core/error-catalogue';
import { err } from '~/core/result';
import { maskRawKeys } from '~/crypto/key-format.server';
import { createClientAddress, createRequestId } from '~/net/client-address.server';
import { auditEntries } from '~db/schema';
import { isForeignMutation } from './origin-check.server';
import { commonHeaders, pageHeaders } from './security-headers.server';

declare module '@remix-run/node' {
  interface AppLoadContext {
    trpc: Context;
    nonce: string;
    /** Set-Cookie values that calls made on the way, for the answer. */
    cookies: string[];
  }
}

/** Forms and API calls are small; the gateway, whose bodies are not, never comes here. */
const BODY_LIMIT_BYTES = 256 * 1024;
/** How much of a body that is too large is still read, for the sake of the answer. */
const DRAIN_LIMIT_BYTES = 4 * 1024 * 1024;

export interface HandlerOptions {
  build: ServerBuild | (() => Promise<ServerBuild>);
  /** Serves `/assets` and other files of the browser build; calls `next` for what it hasn't got. */
  assets?: (request: IncomingMessage, response: ServerResponse, next: () => void) => void;
  /** Answers `/metrics`. */
  metrics?: (request: IncomingMessage, response: ServerResponse) => void;
  development?: boolean;
}

/** Everything but the gateway: assets, health, the API and the pages, in this order. */
export function createHandler(
  app: AppContext,
  { build, assets, metrics, development = false }: HandlerOptions,
): RequestListener {
  const remix = createRequestHandler(build, development ? 'development' : 'production');

  async function answer(received: Request, origin: ClientInfo): Promise<Response> {
    const { pathname } = new URL(received.url);
    if (pathname === '/healthz') return plain(200, 'ok');
    if (pathname === '/readyz') return await readiness(app);
    if (isForeignMutation(received.method, received.headers, app.config.origin)) {
      return plain(403, errorMessage(err('cross-site-request')));
    }
    const request = await withinLimit(received);
    if (request === null) {
      const tooLarge = plain(413, 'This is more than a form can hold.');
      tooLarge.headers.set('Connection', 'close'); // or else the rest would have to be read
      return tooLarge;
    }
    const cookies: string[] = [];
    const trpc = createContext(app, origin, request.headers.get('cookie'), (value) => cookies.push(value));
    const response = isApiPath(pathname)
      ? await answerApi(request, trpc)
      : await answerPage(request, trpc, cookies);
    for (const cookie of cookies) response.headers.append('Set-Cookie', cookie);
    return response;
  }

  async function answerApi(request: Request, trpc: Context): Promise<Response> {
    const response = await serveApi(request, trpc);
    for (const [name, value] of commonHeaders(app.config)) response.headers.set(name, value);
    return response;
  }

  async function answerPage(request: Request, trpc: Context, cookies: string[]): Promise<Response> {
    const nonce = randomBytes(16).toString('base64url');
    // Checked above already, and more strictly. Remix would compare it with the Host header, which behind a
    // proxy need not be the public one.
    request.headers.delete('origin');
    const response = await remix(request, { trpc, nonce, cookies });
    for (const [name, value] of pageHeaders(app.config, nonce, development))
      response.headers.set(name, value);
    return response;
  }

  const addressOf = createClientAddress(app.config.trustedProxies);
  const requestIdOf = createRequestId(app.config.trustedProxies);

  const listen = (request: IncomingMessage, response: ServerResponse, origin: ClientInfo) =>
    createRequestListener((fetchRequest) => answer(fetchRequest, origin), {
      // What the page's own URL is made of; behind a TLS proxy only the setting knows.
      protocol: app.config.secure ? 'https:' : 'http:',
      onError(error) {
        app.log.error({ err: error, requestId: origin.requestId }, 'request failed');
        return plain(500, 'Something went wrong on the server. Nothing was changed; try again.');
      },
    })(request, response);

  return (request, response) => {
    const origin: ClientInfo = {
      requestId: requestIdOf(request),
      address: addressOf(request),
      userAgent: request.headers['user-agent'] ?? null,
    };
    response.setHeader('X-Request-Id', origin.requestId ?? '');
    const started = performance.now();
    response.once('close', () => {
      const ms = Math.round((performance.now() - started) * 10) / 10;
      const path = maskRawKeys(request.url?.split('?', 1)[0] ?? '');
      app.log.debug(
        { method: request.method, path, status: response.statusCode, ms, requestId: origin.requestId },
        'answered',
      );
    });
    const serve = () => listen(request, response, origin);
    if (metrics && request.url === '/metrics') metrics(request, response);
    else if (assets && (request.method === 'GET' || request.method === 'HEAD'))
      assets(request, response, serve);
    else serve();
  };

  function plain(status: number, text: string): Response {
    return new Response(`${text}\n`, {
      status,
      headers: [['Content-Type', 'text/plain; charset=utf-8'], ...commonHeaders(app.config)],
    });
  }

  async function readiness({ db, log }: AppContext): Promise<Response> {
    try {
      await db.read.select({ seq: auditEntries.seq }).from(auditEntries).limit(1);
      return plain(200, 'ready');
    } catch (error) {
      log.error({ err: error }, 'not ready');
      return plain(503, 'The database cannot be read.');
    }
  }
}

/**
 * The request, when its body is no longer than a form may be; null otherwise. A body that comes in chunks,
 * without saying its length, is counted while it arrives and kept.
 */
async function withinLimit(request: Request): Promise<Request | null> {
  if (request.body === null) return request;
  const length = request.headers.get('content-length');
  if (length !== null && Number(length) <= BODY_LIMIT_BYTES) return request;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body) {
    size += chunk.byteLength;
    // Some more is read and thrown away: who is still sending would otherwise lose the answer to a reset.
    if (size > DRAIN_LIMIT_BYTES) return null;
    if (size <= BODY_LIMIT_BYTES) chunks.push(chunk);
  }
  if (size > BODY_LIMIT_BYTES) return null;
  return new Request(request, { body: Buffer.concat(chunks) });
}
