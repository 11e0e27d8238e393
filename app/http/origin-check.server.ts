import { isLoopbackOrigin } from '~/net/loopback-origin';

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Does a browser say that another site's page began this? For a GET that leaves a trace, too: a link elsewhere must
 * not make somebody record in their own name what they did not mean.
 */
export function isFromAnotherSite(headers: Headers): boolean {
  const site = headers.get('sec-fetch-site');
  return site !== null && site !== 'same-origin' && site !== 'none';
}

/**
 * May this request change something? Defends against cross-site request forgery: a browser that carries
 * our cookie says where the request began, in `Sec-Fetch-Site` or else in `Origin`, and no page can forge
 * either. A request with neither comes from no browser and has no cookie that was not put there on purpose.
 * Sibling subdomains (`same-site`) are foreign too.
 */
export function isForeignMutation(method: string, headers: Headers, publicOrigin: string): boolean {
  if (SAFE_METHODS.has(method)) return false;
  const site = headers.get('sec-fetch-site');
  if (isFromAnotherSite(headers)) return true;
  const origin = headers.get('origin');
  if (origin === null) return false;
  // An opaque origin (a sandboxed frame, a strict referrer policy) can only be vouched for by Sec-Fetch-Site.
  if (origin === 'null') return site === null;
  if (origin === publicOrigin) return false;
  if (!URL.canParse(origin)) return true;
  // Reached by another name than the public one (localhost for 127.0.0.1): the page's host is ours then. A page of
  // our own name over plain http, where ours is https, is whoever's that is on the network.
  const { host, protocol } = new URL(origin);
  const isDowngraded = protocol === 'http:' && publicOrigin.startsWith('https:');
  return host !== headers.get('host') || (isDowngraded && !isLoopbackOrigin(origin));
}
