import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from '~/core/logger.server';

/**
 * Logs a request at level debug when its response ends or its client disconnects, with method, status and duration.
 *
 * @param fields what else to log. Leave out the query, which may contain a key, and mask keys in the path. Called
 * immediately, and only if the log's level is debug.
 */
export function logRequest(
  log: Logger,
  message: string,
  request: IncomingMessage,
  response: ServerResponse,
  fields: () => object,
): void {
  if (!log.isLevelEnabled('debug')) return;
  const startedAt = performance.now();
  const logged = { ...fields(), method: request.method };
  response.once('close', () => {
    const ms = Math.round((performance.now() - startedAt) * 10) / 10;
    log.debug({ ...logged, status: response.statusCode, ms }, message);
  });
}
