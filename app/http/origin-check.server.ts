import { isLoopbackOrigin } from '~/net/loopback-origin';

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Whether a browser says that a page of another site caused the request. Also use it for a GET that writes an audit
 * entry: a link on another site must not record an action in the user's name.
 */
export function isFromAnotherSite(headers: Headers): boolean {
  const site = headers.get('sec-fetch-site');
  return site !== null && site !== 'same-origin' && site !== 'none';
}

/**
 * Whether to reject a mutation as cross-site request forgery. Browsers send `Sec-Fetch-Site` or `Origin` with every
 * mutation, and pages can't forge them. A request with neither doesn't come from a browser that adds the session cookie
 * by itself. Sibling subdomains (`same-site`) are foreign too.
 */
export function isForeignMutation(method: string, headers: Headers, publicOrigin: string): boolean {
  if (SAFE_METHODS.has(method)) return false;
  const site = headers.get('sec-fetch-site');
  if (isFromAnotherSite(headers)) return true;
  const origin = headers.get('origin');
  if (origin === null) return false;
  // An opaque origin (a sandboxed frame, a strict referrer policy): only Sec-Fetch-Site can show that it is ours.
  if (origin === 'null') return site === null;
  if (origin === publicOrigin) return false;
  if (!URL.canParse(origin)) return true;
  // The server may be reached by another name than the public one, such as localhost for 127.0.0.1. But if the public
  // URL is https, anyone on the network can serve a page over plain http under the same name.
  const { host, protocol } = new URL(origin);
  const isDowngraded = protocol === 'http:' && publicOrigin.startsWith('https:');
  return host !== headers.get('host') || (isDowngraded && !isLoopbackOrigin(origin));
}
