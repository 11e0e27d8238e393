import { lookup as dnsLookup, type LookupAddress, type LookupOptions } from 'node:dns';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { networkInterfaces } from 'node:os';
import { buildConnector, Pool } from 'undici';
import { addressKind } from '~/net/ip-address';
import { UpstreamNotAllowedError } from './upstream-failure.server';
import { isConnectionAllowed, portOf, upstreamProblem } from './upstream-url';

/** Includes the DNS lookup and TLS. */
export const CONNECT_TIMEOUT_MS = 10_000;
/** Many servers close idle connections after five seconds. */
const IDLE_SOCKET_MS = 4_000;
/** More than clients usually accept, so the gateway rejects nothing that they would get directly. */
export const MAX_RESPONSE_HEADER_BYTES = 64 * 1024;

/** A tool's upstream and its keep-alive connections. */
export interface Upstream {
  /** The `Host` header. */
  host: string;
  /** Empty, or starting but not ending with a slash. */
  basePath: string;
  /** For calls whose body has arrived (undici). */
  pool: Pool;
  /** For calls whose body is still arriving, and for upgrades (Node's client). */
  nodeHttp: {
    protocol: string;
    hostname: string;
    port: number;
    agent: HttpAgent;
    lookup: LookupFunction;
  };
}

export type UpstreamPool = ReturnType<typeof createUpstreamPool>;

export function createUpstreamPool(ownOrigin: () => string) {
  const entries = new Map<string, { url: string; upstream: Upstream | null }>();

  return {
    /**
     * Returns the upstream with this URL; null if the URL isn't allowed.
     *
     * @param ownPort the port this server was called on, so that it doesn't call itself.
     */
    get(url: string, allowsPlainHttp: boolean, ownPort: number): Upstream | null {
      const id = `${allowsPlainHttp ? 'any' : 'strict'} ${url}`;
      const existing = entries.get(id);
      if (existing !== undefined) return existing.upstream;
      const rules = { allowsPlainHttp, ownOrigin: ownOrigin(), ownPort };
      const upstream = upstreamProblem(url, rules) === null ? connectTo(new URL(url), rules) : null;
      entries.set(id, { url, upstream });
      return upstream;
    },
    /** Drops all other upstreams. Their calls in progress continue; their idle connections time out. */
    retain(urls: ReadonlySet<string>): void {
      for (const [id, { url }] of entries) if (!urls.has(url)) entries.delete(id);
    },
    async close(): Promise<void> {
      const upstreams = [...entries.values()].map(({ upstream }) => upstream);
      entries.clear();
      for (const upstream of upstreams) upstream?.nodeHttp.agent.destroy();
      await Promise.all(upstreams.map((upstream) => upstream?.pool.destroy()));
    },
  };
}

interface ConnectionRules {
  allowsPlainHttp: boolean;
  ownPort: number;
}

function connectTo(url: URL, rules: ConnectionRules): Upstream | null {
  const hostname = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(hostname) !== 0 && !isAddressAllowed(url, hostname, rules)) return null;
  const lookup = guardedLookup(url, rules);
  const Agent = url.protocol === 'https:' ? HttpsAgent : HttpAgent;
  return {
    host: url.host,
    basePath: url.pathname.replace(/\/$/, ''),
    pool: new Pool(url.origin, {
      connections: null,
      pipelining: 1,
      keepAliveTimeout: IDLE_SOCKET_MS,
      headersTimeout: 0, // `ProxiedCall` has its own, which starts earlier
      bodyTimeout: 0, // a model may think for minutes between two chunks
      maxHeaderSize: MAX_RESPONSE_HEADER_BYTES,
      connect: createConnector({ timeout: CONNECT_TIMEOUT_MS, lookup }),
    }),
    nodeHttp: {
      protocol: url.protocol,
      hostname,
      port: portOf(url),
      agent: new Agent({ keepAlive: true, timeout: IDLE_SOCKET_MS, scheduling: 'lifo' }),
      lookup,
    },
  };
}

/**
 * undici treats ECONNRESET as the end of a response that has neither a length nor chunks, so half a response would look
 * complete. With another code it is an error.
 */
function createConnector(options: buildConnector.BuildOptions): buildConnector.connector {
  const connect = buildConnector(options);
  return (target, callback) =>
    connect(target, (...result) => {
      result[1]?.prependListener('error', (error: NodeJS.ErrnoException) => {
        if (error.code === 'ECONNRESET') error.code = 'UPSTREAM_RESET';
      });
      callback(...result);
    });
}

/** @param address what the URL's host name resolved to, or the address in the URL. */
function isAddressAllowed(url: URL, address: string, { allowsPlainHttp, ownPort }: ConnectionRules): boolean {
  if (!isConnectionAllowed(url, address, { allowsPlainHttp })) return false;
  return portOf(url) !== ownPort || !isThisMachine(address);
}

function isThisMachine(address: string): boolean {
  if (addressKind(address) === 'loopback') return true;
  const interfaces = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return interfaces.some((entry) => entry.address === address.replace(/^::ffff:/, ''));
}

/**
 * Prevents DNS rebinding: resolves the name when connecting and uses only allowed addresses. After an earlier check,
 * the owner of the name could change its address.
 */
function guardedLookup(url: URL, rules: ConnectionRules): LookupFunction {
  return (hostname, options: LookupOptions, callback) => {
    dnsLookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, []);
      const allowed: LookupAddress[] = addresses.filter(({ address }) =>
        isAddressAllowed(url, address, rules),
      );
      const [first] = allowed;
      if (first === undefined) return callback(new UpstreamNotAllowedError(), []);
      if (options.all) callback(null, allowed);
      else callback(null, first.address, first.family);
    });
  };
}
