import { TRPCError } from '@trpc/server';
import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { getHTTPStatusCodeFromError } from '@trpc/server/http';
import { getErrorShape } from '@trpc/server/shared';
import { err } from '~/core/result';
import type { Context } from './context.server';
import { toDomainError, toTrpcError } from './errors.server';
import { openApiDocument } from './openapi.server';
import { appRouter } from './router.server';

const API_PATH = '/api/trpc';
const OPENAPI_PATH = '/api/openapi.json';

/** Calls in one batch. A larger one would make other writers wait. */
const MAX_BATCH_CALLS = 20;

export function isApiPath(pathname: string): boolean {
  return pathname === OPENAPI_PATH || pathname === API_PATH || pathname.startsWith(`${API_PATH}/`);
}

/** Serves the procedures over HTTP, and the document that describes them. */
export async function serveApi(request: Request, context: Context): Promise<Response> {
  const { pathname } = new URL(request.url);
  if (pathname === OPENAPI_PATH) return await serveOpenApi(request, context);
  if (request.method !== 'GET' && !isJson(request.headers))
    return errorResponse(toTrpcError(err('not-json')));
  if (countCalls(pathname) > MAX_BATCH_CALLS) {
    return errorResponse(toTrpcError(err('batch-too-large', { most: MAX_BATCH_CALLS })));
  }
  return await fetchRequestHandler({
    endpoint: API_PATH,
    req: request,
    router: appRouter,
    createContext: () => context,
    onError({ error, path }) {
      if (toDomainError(error) !== null) return;
      context.app.log.error({ err: error, path, requestId: context.origin.requestId }, 'call failed');
    },
  });
}

/** For signed-in users: the document would show attackers every procedure. */
async function serveOpenApi(request: Request, { app, session }: Context): Promise<Response> {
  if (request.method !== 'GET') return errorResponse(new TRPCError({ code: 'METHOD_NOT_SUPPORTED' }));
  if ((await session()) === null) return errorResponse(toTrpcError(err('signed-out')));
  return Response.json(openApiDocument(app.config));
}

/** An error in the shape that tRPC sends, for requests that don't reach it. */
function errorResponse(error: TRPCError): Response {
  const shape = getErrorShape({
    config: appRouter._def._config,
    error,
    type: 'unknown',
    path: undefined,
    input: undefined,
    ctx: undefined,
  });
  return Response.json({ error: shape }, { status: getHTTPStatusCodeFromError(error) });
}

/** Prevents cross-site request forgery with a form's content types. */
const isJson = (headers: Headers) => /^application\/json\b/i.test(headers.get('content-type') ?? '');

/** The number of calls in a request: a batch separates procedure names with commas. */
const countCalls = (pathname: string) => pathname.split(/,|%2c/i).length;
