import { lookup as dnsLookup, type LookupAddress, type LookupOptions } from 'node:dns';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { networkInterfaces } from 'node:os';
import { buildConnector, Pool } from 'undici';
import { addressKind } from '~/net/ip-address';
import { UpstreamNotAllowedError } from './upstream-failure.server';
import { mayConnect, portOf, upstreamProblem } from './upstream-url';

/** How long a connection is waited for, with all that it takes: the name's address and TLS. */
export const CONNECT_TIMEOUT_MS = 10_000;
/** Under the five seconds after which many servers close an idle connection. */
const IDLE_SOCKET_MS = 4_000;
/** More than clients usually allow, so that what reaches them directly reaches them through us. */
export const MAX_RESPONSE_HEADER_BYTES = 64 * 1024;

/** Where a tool's calls go, with the connections kept open to it. */
export interface Upstream {
  /** The `Host` header. */
  host: string;
  /** Empty, or a slash and more, without a slash at the end. */
  basePath: string;
  /** Keep-alive connections for calls that are in hand whole. */
  pool: Pool;
  /** Connections for calls whose bodies are still on their way, and for upgrades. */
  socket: {
    protocol: string;
    hostname: string;
    port: number;
    agent: HttpAgent;
    lookup: LookupFunction;
  };
}

export interface UpstreamPool {
  /**
   * The upstream of this URL, with its connections; null when it may not be called.
   *
   * @param ownPort the port this server was called on, so that it does not call itself.
   */
  get(url: string, allowsPlainHttp: boolean, ownPort: number): Upstream | null;
  /** Forgets upstreams that no tool has any more. Calls under way go on; idle connections end by themselves. */
  keepOnly(urls: ReadonlySet<string>): void;
  close(): Promise<void>;
}

export function createUpstreamPool(ownOrigin: () => string): UpstreamPool {
  const open = new Map<string, { url: string; upstream: Upstream | null }>();

  return {
    get(url, allowsPlainHttp, ownPort) {
      const id = `${allowsPlainHttp ? 'any' : 'strict'} ${url}`;
      const known = open.get(id);
      if (known !== undefined) return known.upstream;
      const rules = { allowsPlainHttp, ownOrigin: ownOrigin(), ownPort };
      const upstream = upstreamProblem(url, rules) === null ? connectTo(new URL(url), rules) : null;
      open.set(id, { url, upstream });
      return upstream;
    },
    keepOnly(urls) {
      for (const [id, { url }] of open) if (!urls.has(url)) open.delete(id);
    },
    async close() {
      const upstreams = [...open.values()].map(({ upstream }) => upstream);
      open.clear();
      for (const upstream of upstreams) upstream?.socket.agent.destroy();
      await Promise.all(upstreams.map((upstream) => upstream?.pool.destroy()));
    },
  };
}

interface Rules {
  allowsPlainHttp: boolean;
  ownPort: number;
}

function connectTo(url: URL, rules: Rules): Upstream | null {
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
      headersTimeout: 0, // kept by the call itself, from its first moment on
      bodyTimeout: 0, // a stream may be silent for as long as the model thinks
      maxHeaderSize: MAX_RESPONSE_HEADER_BYTES,
      connect: connectTelling({ timeout: CONNECT_TIMEOUT_MS, lookup }),
    }),
    socket: {
      protocol: url.protocol,
      hostname,
      port: portOf(url),
      agent: new Agent({ keepAlive: true, timeout: IDLE_SOCKET_MS, scheduling: 'lifo' }),
      lookup,
    },
  };
}

/**
 * undici takes a reset for the end of an answer that has neither a length nor chunks, and would pass half an
 * answer on as whole. Under another name it is the error that it is.
 */
function connectTelling(options: buildConnector.BuildOptions): buildConnector.connector {
  const connect = buildConnector(options);
  return (target, callback) =>
    connect(target, (...result) => {
      result[1]?.prependListener('error', (error: NodeJS.ErrnoException) => {
        if (error.code === 'ECONNRESET') error.code = 'UPSTREAM_RESET';
      });
      callback(...result);
    });
}

/** An address that a name resolved to, or that stood in the URL. */
function isAddressAllowed(url: URL, address: string, { allowsPlainHttp, ownPort }: Rules): boolean {
  if (!mayConnect(url, address, { allowsPlainHttp })) return false;
  return portOf(url) !== ownPort || !isThisMachine(address);
}

function isThisMachine(address: string): boolean {
  if (addressKind(address) === 'loopback') return true;
  const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return own.some((entry) => entry.address === address.replace(/^::ffff:/, ''));
}

/**
 * Looks names up at the moment of connecting and passes on only addresses that may be called. A check made
 * earlier would hold for another answer: whoever runs the name's server can change it in between.
 */
function guardedLookup(url: URL, rules: Rules): LookupFunction {
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
