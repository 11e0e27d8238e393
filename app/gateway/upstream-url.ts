import { type AddressKind, addressKind } from '~/net/ip-address';

export interface UpstreamRules {
  /** The admin allows plain http to a public address. */
  allowsPlainHttp: boolean;
  /** This server's public origin. As an upstream it would be an endless loop. */
  ownOrigin: string;
  /** The port this server listens on, if it differs from the one in `ownOrigin`. */
  ownPort?: number;
}

/**
 * Returns why this URL can't be a tool's upstream, as the end of a sentence ("… can't be used: it must …"), or null.
 * Doesn't resolve the host name: `isConnectionAllowed` checks addresses when connecting, because a name's address can
 * change after it was accepted (DNS rebinding).
 */
export function upstreamProblem(text: string, rules: UpstreamRules): string | null {
  if (!URL.canParse(text)) return 'it must be a URL, such as https://api.example.com/v1.';
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'it must start with https://.';
  if (url.username || url.password)
    return 'it must not contain a username or password. Set the provider credential instead.';
  if (text.includes('?') || text.includes('#')) return 'it must not have a query or fragment.';
  // Parsers read these differently, so the base path might not be what it seems to be.
  if (/[\\\s]|%2e|%2f|%5c|\/\.{1,2}(\/|$)/i.test(text) || url.pathname.includes('//'))
    return 'its path must not contain dot segments, doubled slashes or backslashes.';
  const kind = hostKind(url.hostname);
  if (kind === 'reserved') return 'this address is reserved and not a single machine.';
  if (kind === 'link-local' || kind === 'metadata')
    return 'link-local and cloud metadata addresses are not allowed, because machines serve credentials there.';
  if (isThisServer(url, kind, rules)) return 'it is this server.';
  if (url.protocol === 'http:' && !rules.allowsPlainHttp && kind === 'public')
    return 'it must start with https://. Plain http is only for loopback and private addresses, unless you allow it.';
  return null;
}

/** Whether an address that an upstream's host name resolved to may be connected to. Same rules as for URLs. */
export function isConnectionAllowed(
  { protocol }: Pick<URL, 'protocol'>,
  address: string,
  rules: Pick<UpstreamRules, 'allowsPlainHttp'>,
): boolean {
  const kind = addressKind(address);
  if (kind === null || kind === 'reserved' || kind === 'link-local' || kind === 'metadata') return false;
  return protocol === 'https:' || rules.allowsPlainHttp || kind !== 'public';
}

/** A name that only a private network can resolve counts as private until it is resolved. */
function hostKind(hostname: string): AddressKind {
  const host = hostname.replace(/^\[|\]$|\.$/g, '');
  const kind = addressKind(host);
  if (kind !== null) return kind;
  if (host === 'localhost' || host.endsWith('.localhost')) return 'loopback';
  if (!host.includes('.') || /\.(local|internal|lan|home\.arpa)$/.test(host)) return 'private';
  return 'public';
}

function isThisServer(url: URL, kind: AddressKind, { ownOrigin, ownPort }: UpstreamRules): boolean {
  const own = new URL(ownOrigin);
  if (url.hostname.replace(/\.$/, '') === own.hostname && portOf(url) === portOf(own)) return true;
  if (kind !== 'loopback') return false;
  // Loopback has many names (127.0.0.1, 127.1.2.3, localhost, [::1]): compare the port.
  const ownIsLoopback = hostKind(own.hostname) === 'loopback';
  return (ownIsLoopback && portOf(url) === portOf(own)) || portOf(url) === ownPort;
}

/** The port number of a URL, also if it is the scheme's default. */
export function portOf({ port, protocol }: Pick<URL, 'port' | 'protocol'>): number {
  if (port !== '') return Number(port);
  return protocol === 'https:' ? 443 : 80;
}
