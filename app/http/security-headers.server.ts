import type { Config } from '~/core/config.server';

/**
 * Headers of every page. Scripts and styles run only with this answer's nonce, nothing frames us, nothing
 * is kept in a cache (pages are one person's, and one of them holds a raw key), no other site sees a referrer.
 *
 * @param development lets Vite's own inline styles and websocket through.
 */
export function pageHeaders(
  config: Pick<Config, 'secure'>,
  nonce: string,
  development: boolean,
): [string, string][] {
  const policy = [
    "default-src 'none'",
    `script-src 'self' 'nonce-${nonce}'`,
    development ? "style-src 'self' 'unsafe-inline'" : `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    development ? "connect-src 'self' ws:" : "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "object-src 'none'",
  ].join('; ');
  return [
    ['Content-Security-Policy', policy],
    ...commonHeaders(config),
    ['Cross-Origin-Opener-Policy', 'same-origin'],
    ['Permissions-Policy', 'camera=(), microphone=(), geolocation=()'],
    ['X-Frame-Options', 'DENY'],
  ];
}

/** Headers of every answer that isn't the gateway's, pages and API alike. */
export function commonHeaders(config: Pick<Config, 'secure'>): [string, string][] {
  return [
    ['Cache-Control', 'no-store'],
    ['X-Content-Type-Options', 'nosniff'],
    // Not `no-referrer`: browsers would then say `Origin: null` of our own forms, which the origin check refuses.
    ['Referrer-Policy', 'same-origin'],
    ['Cross-Origin-Resource-Policy', 'same-origin'],
    ...(config.secure
      ? ([['Strict-Transport-Security', 'max-age=31536000; includeSubDomains']] as [string, string][])
      : []),
  ];
}
