import type { IncomingHttpHeaders } from 'node:http';
import { KEY_HEADERS } from './extract-keys';

/** Headers for the next hop only (RFC 9110, 7.6.1, and older ones). */
const HOP_BY_HOP = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
] as const;

/** What the provider must not see: our keys and cookies, and the proxies in between. */
const NOT_FORWARDED: ReadonlySet<string> = new Set([
  ...HOP_BY_HOP,
  ...KEY_HEADERS,
  'host',
  'expect',
  'cookie',
  'cookie2',
  'forwarded',
  'via',
]);
const NOT_RETURNED: ReadonlySet<string> = new Set([...HOP_BY_HOP, 'set-cookie', 'set-cookie2']);

/** Names and values in turn, as Node's `rawHeaders`. */
export type RawHeaders = readonly string[];

/**
 * Returns the request headers to send upstream, in the same order and case: all except those that may contain a key,
 * cookies, hop-by-hop headers and those that proxies add.
 *
 * @param credentialHeader the header of the provider credential, in lower case; the client's is removed.
 */
export function requestHeadersToForward(raw: RawHeaders, credentialHeader: string | null): string[] {
  const hopByHop = connectionOptions(raw);
  const forwarded: string[] = [];
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index] ?? '';
    const lower = name.toLowerCase();
    if (NOT_FORWARDED.has(lower) || lower.startsWith('x-forwarded-')) continue;
    if (lower === credentialHeader || hopByHop?.has(lower)) continue;
    forwarded.push(name, raw[index + 1] ?? '');
  }
  return forwarded;
}

/** Returns the response headers to send to the client: all except hop-by-hop headers and `Set-Cookie`. */
export function responseHeadersToForward(raw: RawHeaders): string[] {
  const hopByHop = connectionOptions(raw);
  const returned: string[] = [];
  let isEventStream = false;
  let hasBufferingHeader = false;
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index] ?? '';
    const lower = name.toLowerCase();
    if (NOT_RETURNED.has(lower) || hopByHop?.has(lower)) continue;
    const value = raw[index + 1] ?? '';
    if (lower === 'content-type' && /^text\/event-stream\b/i.test(value)) isEventStream = true;
    else if (lower === 'x-accel-buffering') hasBufferingHeader = true;
    returned.push(name, value);
  }
  // Otherwise nginx delays events until its buffer is full.
  if (isEventStream && !hasBufferingHeader) returned.push('X-Accel-Buffering', 'no');
  return returned;
}

/** Headers named in `Connection` are hop-by-hop, too. `Content-Length` can't be one. */
function connectionOptions(raw: RawHeaders): Set<string> | null {
  let options: Set<string> | null = null;
  for (let index = 0; index < raw.length; index += 2) {
    if (raw[index]?.length !== 10 || raw[index]?.toLowerCase() !== 'connection') continue;
    for (const option of raw[index + 1]?.split(',') ?? []) {
      const name = option.trim().toLowerCase();
      if (name === '' || name === 'keep-alive' || name === 'close' || name === 'content-length') continue;
      options ??= new Set();
      options.add(name);
    }
  }
  return options;
}

/** Returns the headers as pairs, the format of `addTrailers`. */
export function headerPairs(raw: RawHeaders): [name: string, value: string][] {
  const pairs: [string, string][] = [];
  for (let index = 0; index < raw.length; index += 2) pairs.push([raw[index] ?? '', raw[index + 1] ?? '']);
  return pairs;
}

/** Formats a status line and headers for a socket, to be written as latin1. */
export function formatHead(status: number, statusText: string, headers: RawHeaders): string {
  let text = `HTTP/1.1 ${status} ${statusText}\r\n`;
  for (let index = 0; index < headers.length; index += 2)
    text += `${headers[index]}: ${headers[index + 1]}\r\n`;
  return `${text}\r\n`;
}

/** Whether a request with these headers has a body. */
export const hasBody = (headers: IncomingHttpHeaders): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
