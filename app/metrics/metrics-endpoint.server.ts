import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Config } from '~/core/config.server';
import type { Logger } from '~/core/logger.server';
import { addressKind } from '~/net/ip-address';
import { isLoopbackOrigin } from '~/net/loopback-origin';
import type { Metrics } from './metrics.server';

type AuthorizationError = { status: 401 | 403; message: string };

/** Headers that reverse proxies add. */
const PROXY_HEADERS = [
  'forwarded',
  'via',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-real-ip',
];

/**
 * Serves `/metrics` to clients with the METRICS_TOKEN. Without a token in the settings, serves only this machine. A
 * reverse proxy here makes every client look local, so then both the public URL and the request must show that there is
 * no proxy.
 */
export function createMetricsEndpoint(
  { config, log }: { config: Pick<Config, 'origin' | 'metricsToken'>; log: Logger },
  metrics: Metrics,
) {
  const authorize = config.metricsToken === null ? requireLocal(config) : requireToken(config.metricsToken);
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const error = authorize(request);
    if (error !== null) {
      const challenge: Record<string, string> =
        error.status === 401 ? { 'WWW-Authenticate': 'Bearer realm="metrics"' } : {};
      send(response, error.status, 'text/plain; charset=utf-8', `${error.message}\n`, challenge);
      return;
    }
    try {
      send(response, 200, metrics.contentType, await metrics.text());
    } catch (error) {
      log.error({ err: error }, 'metrics failed');
      send(response, 503, 'text/plain; charset=utf-8', "The metrics can't be read.\n");
    }
  };
}

function requireToken(token: string): (request: IncomingMessage) => AuthorizationError | null {
  const hash = (text: string) => createHash('sha256').update(text).digest();
  const expected = hash(`Bearer ${token}`);
  return ({ headers }) =>
    timingSafeEqual(hash(headers.authorization ?? ''), expected)
      ? null
      : { status: 401, message: 'Send the METRICS_TOKEN as "Authorization: Bearer".' };
}

function requireLocal({
  origin,
}: Pick<Config, 'origin'>): (request: IncomingMessage) => AuthorizationError | null {
  const error: AuthorizationError = {
    status: 403,
    message: 'Metrics are only available from this machine. Set METRICS_TOKEN to read them from elsewhere.',
  };
  const isLocalOrigin = isLoopbackOrigin(origin);
  return ({ socket, headers }) => {
    const isLocalClient = addressKind(socket.remoteAddress ?? '') === 'loopback';
    const isProxied = PROXY_HEADERS.some((name) => headers[name] !== undefined);
    return isLocalOrigin && isLocalClient && !isProxied ? null : error;
  };
}

function send(
  response: ServerResponse,
  status: number,
  type: string,
  body: string,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, {
    'Content-Type': type,
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...headers,
  });
  response.end(body);
}
