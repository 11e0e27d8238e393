import type { IncomingHttpHeaders } from 'node:http';
import { KEY_HEADERS } from './extract-keys';

/** Headers that speak to the next hop only (RFC 9110, 7.6.1, and those of older times). */
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

/** What the provider must not see: our keys, our cookies, and that we stand in between. */
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
 * The request headers that go on to the upstream: order, case and repetitions as they came, less every key
 * carrier, cookies, hop-by-hop headers and traces of proxies. Unknown ones pass.
 *
 * @param alsoWithout the header the credential goes out in, lower case.
 */
export function forwardedHeaders(raw: RawHeaders, alsoWithout: string | null): string[] {
  const named = connectionOptions(raw);
  const forwarded: string[] = [];
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index] ?? '';
    const lower = name.toLowerCase();
    if (NOT_FORWARDED.has(lower) || lower.startsWith('x-forwarded-')) continue;
    if (lower === alsoWithout || named?.has(lower)) continue;
    forwarded.push(name, raw[index + 1] ?? '');
  }
  return forwarded;
}

/** The response headers that go back to the client: all, less hop-by-hop headers and `Set-Cookie`. */
export function returnedHeaders(raw: RawHeaders): string[] {
  const named = connectionOptions(raw);
  const returned: string[] = [];
  let streamsEvents = false;
  let buffering = false;
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index] ?? '';
    const lower = name.toLowerCase();
    if (NOT_RETURNED.has(lower) || named?.has(lower)) continue;
    const value = raw[index + 1] ?? '';
    if (lower === 'content-type' && /^text\/event-stream\b/i.test(value)) streamsEvents = true;
    else if (lower === 'x-accel-buffering') buffering = true;
    returned.push(name, value);
  }
  // A proxy in front of us would otherwise hold events back until its buffer is full.
  if (streamsEvents && !buffering) returned.push('X-Accel-Buffering', 'no');
  return returned;
}

/** Headers that `Connection` names: hop-by-hop too. The message's framing and length are no options. */
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

/** The same as a list of pairs, as Node takes trailers. */
export function headerPairs(raw: RawHeaders): [name: string, value: string][] {
  const pairs: [string, string][] = [];
  for (let index = 0; index < raw.length; index += 2) pairs.push([raw[index] ?? '', raw[index + 1] ?? '']);
  return pairs;
}

/** A status line and headers as they go over a bare socket, to be written as latin1. */
export function headText(status: number, reason: string, headers: RawHeaders): string {
  let text = `HTTP/1.1 ${status} ${reason}\r\n`;
  for (let index = 0; index < headers.length; index += 2)
    text += `${headers[index]}: ${headers[index + 1]}\r\n`;
  return `${text}\r\n`;
}

/** Does a request with these headers have a body? */
export const announcesBody = (headers: IncomingHttpHeaders): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
