import type { Config } from '~/core/config.server';
import { commonHeaders } from './security-headers.server';

/** A response with one line of text. */
export function plainResponse(config: Pick<Config, 'secure'>, status: number, text: string): Response {
  return new Response(`${text}\n`, {
    status,
    headers: [['Content-Type', 'text/plain; charset=utf-8'], ...commonHeaders(config)],
  });
}
