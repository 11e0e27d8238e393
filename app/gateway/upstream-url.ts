import { type AddressKind, addressKind } from '~/net/ip-address';

export interface UpstreamRules {
  /** The admin's word that plain http to a public address is wanted. */
  allowsPlainHttp: boolean;
  /** This server's own public origin: an upstream that is ourselves would call itself for ever. */
  ownOrigin: string;
  /** The port this server listens on, where it differs from the one in `ownOrigin`. */
  ownPort?: number;
}

/**
 * Why this URL cannot be a tool's upstream, as the end of a sentence ("… can't be used: it must …"); null
 * when it can. What a name resolves to is not looked at here: `mayConnect` does that when a connection is
 * made, since a name's address can change after it was accepted (DNS rebinding).
 */
export function upstreamProblem(text: string, rules: UpstreamRules): string | null {
  if (!URL.canParse(text)) return 'it is not a URL, such as https://api.example.com/v1.';
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'it must begin with https://.';
  if (url.username || url.password)
    return 'it must not carry a user name or password; set the provider credential instead.';
  if (text.includes('?') || text.includes('#')) return 'it must not have a query or a fragment.';
  // Two parsers may read these two ways, and then the base path is not where it seems to be.
  if (/[\\\s]|%2e|%2f|%5c|\/\.{1,2}(\/|$)/i.test(text) || url.pathname.includes('//'))
    return 'its path must be plain: no dots, doubled slashes or backslashes.';
  const kind = hostKind(url.hostname);
  if (kind === 'unusable') return 'this address names no single machine.';
  if (kind === 'link-local' || kind === 'metadata')
    return 'link-local and metadata addresses are refused, since machines keep secrets there.';
  if (isOwn(url, kind, rules)) return 'it is this server itself.';
  if (url.protocol === 'http:' && !rules.allowsPlainHttp && kind === 'public')
    return 'it must begin with https://; plain http is for loopback and private addresses only, unless you allow it.';
  return null;
}

/**
 * May a connection be made to what an upstream's name resolved to? The same rules as for a URL that holds
 * the address itself.
 */
export function mayConnect(
  { protocol }: Pick<URL, 'protocol'>,
  address: string,
  rules: Pick<UpstreamRules, 'allowsPlainHttp'>,
): boolean {
  const kind = addressKind(address);
  if (kind === null || kind === 'unusable' || kind === 'link-local' || kind === 'metadata') return false;
  return protocol === 'https:' || rules.allowsPlainHttp || kind !== 'public';
}

/** A name that only a private network's resolver knows passes for private until it is looked up. */
function hostKind(hostname: string): AddressKind {
  const host = hostname.replace(/^\[|\]$|\.$/g, '');
  const kind = addressKind(host);
  if (kind !== null) return kind;
  if (host === 'localhost' || host.endsWith('.localhost')) return 'loopback';
  if (!host.includes('.') || /\.(local|internal|lan|home\.arpa)$/.test(host)) return 'private';
  return 'public';
}

function isOwn(url: URL, kind: AddressKind, { ownOrigin, ownPort }: UpstreamRules): boolean {
  const own = new URL(ownOrigin);
  if (url.hostname.replace(/\.$/, '') === own.hostname && portOf(url) === portOf(own)) return true;
  if (kind !== 'loopback') return false;
  // Loopback has many names (127.0.0.1, 127.1.2.3, localhost, [::1]); the port tells.
  const ownIsLoopback = hostKind(own.hostname) === 'loopback';
  return (ownIsLoopback && portOf(url) === portOf(own)) || portOf(url) === ownPort;
}

/** The port number of a URL, also where it is the scheme's own. */
export function portOf({ port, protocol }: Pick<URL, 'port' | 'protocol'>): number {
  if (port !== '') return Number(port);
  return protocol === 'https:' ? 443 : 80;
}
