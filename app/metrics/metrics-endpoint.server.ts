import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Config } from '~/core/config.server';
import type { Logger } from '~/core/logger.server';
import { addressKind } from '~/net/ip-address';
import { isLoopbackOrigin } from '~/net/loopback-origin';
import type { Metrics } from './metrics.server';

type Refusal = { status: 401 | 403; words: string };

/** Headers of a request that somebody has passed on. */
const TRACES = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip'];

/**
 * Answers `/metrics` to whoever bears the token of the settings; where there is none, to this machine alone.
 * A proxy on this machine makes every caller look like that, so without a token nobody is answered once the
 * public address is elsewhere, or where the request shows that it was passed on.
 */
export function createMetricsEndpoint(
  { config, log }: { config: Pick<Config, 'origin' | 'metricsToken'>; log: Logger },
  metrics: Metrics,
) {
  const refusalOf = config.metricsToken === null ? withoutToken(config) : withToken(config.metricsToken);
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const refusal = refusalOf(request);
    if (refusal !== null) {
      const challenge: Record<string, string> =
        refusal.status === 401 ? { 'WWW-Authenticate': 'Bearer realm="metrics"' } : {};
      send(response, refusal.status, 'text/plain; charset=utf-8', `${refusal.words}\n`, challenge);
      return;
    }
    try {
      send(response, 200, metrics.contentType, await metrics.text());
    } catch (error) {
      log.error({ err: error }, 'the metrics could not be read');
      send(response, 503, 'text/plain; charset=utf-8', 'The metrics cannot be read.\n');
    }
  };
}

function withToken(token: string): (request: IncomingMessage) => Refusal | null {
  const hash = (text: string) => createHash('sha256').update(text).digest();
  const expected = hash(`Bearer ${token}`);
  return ({ headers }) =>
    timingSafeEqual(hash(headers.authorization ?? ''), expected)
      ? null
      : { status: 401, words: 'Send the METRICS_TOKEN of the settings as "Authorization: Bearer".' };
}

function withoutToken({ origin }: Pick<Config, 'origin'>): (request: IncomingMessage) => Refusal | null {
  const refusal: Refusal = {
    status: 403,
    words: 'The metrics are for this machine alone. Set METRICS_TOKEN to read them from elsewhere.',
  };
  const isLocal = isLoopbackOrigin(origin);
  return ({ socket, headers }) => {
    const fromHere = addressKind(socket.remoteAddress ?? '') === 'loopback';
    const passedOn = TRACES.some((name) => headers[name] !== undefined);
    return isLocal && fromHere && !passedOn ? null : refusal;
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
