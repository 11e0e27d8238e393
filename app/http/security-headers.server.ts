import type { Config } from '~/core/config.server';

/**
 * Headers of pages, in addition to the common ones. Scripts and styles run only with this response's nonce, and no site
 * can frame a page.
 *
 * @param development allows Vite's inline styles and websocket.
 */
export function pageHeaders(nonce: string, development: boolean): [string, string][] {
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
    ['Cross-Origin-Opener-Policy', 'same-origin'],
    ['Permissions-Policy', 'camera=(), microphone=(), geolocation=()'],
    ['X-Frame-Options', 'DENY'],
  ];
}

/** Headers of pages and the API. Nothing is cached: responses belong to one user, and some contain a raw key. */
export function commonHeaders(config: Pick<Config, 'secure'>): [string, string][] {
  const headers: [string, string][] = [
    ['Cache-Control', 'no-store'],
    ['X-Content-Type-Options', 'nosniff'],
    // Not `no-referrer`: browsers would send `Origin: null` with our own forms, which the origin check rejects.
    ['Referrer-Policy', 'same-origin'],
    ['Cross-Origin-Resource-Policy', 'same-origin'],
  ];
  if (config.secure) headers.push(['Strict-Transport-Security', 'max-age=31536000; includeSubDomains']);
  return headers;
}
