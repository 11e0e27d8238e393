/** A gateway URL in its parts. */
export interface RequestTarget {
  endpoint: 'proxy' | 'verify';
  /** From the path; a tool with it may not exist. Empty if there is none. */
  slug: string;
  /** What follows the slug: empty, or starting with a slash. */
  path: string;
  /** Empty, or starting with a question mark. */
  query: string;
}

/**
 * Parses a request target. The host of an absolute one (`GET http://host/gateway/…`) is ignored.
 *
 * @returns null if it isn't a gateway URL.
 */
export function parseRequestTarget(url: string): RequestTarget | null {
  const target = url.startsWith('/') ? url : url.replace(/^https?:\/\/[^/?#]*/i, '');
  const isProxy = target.startsWith('/gateway');
  if (!isProxy && !target.startsWith('/verify')) return null;
  const queryAt = target.indexOf('?');
  const end = queryAt === -1 ? target.length : queryAt;
  const slash = isProxy ? '/gateway'.length : '/verify'.length;
  if (slash < end && target[slash] !== '/') return null;
  const slugAt = slash + 1;
  const nextSlash = target.indexOf('/', slugAt);
  const pathAt = nextSlash === -1 || nextSlash > end ? end : nextSlash;
  return {
    endpoint: isProxy ? 'proxy' : 'verify',
    slug: target.slice(slugAt, pathAt),
    path: target.slice(pathAt, end),
    query: target.slice(end),
  };
}

/** A dot segment, also with backslashes or parameters (`..;x`), which some servers normalize. */
const DOT_SEGMENT = /(^|[/\\])\.{1,2}(;[^/\\]*)?([/\\]|$)/;
/** How many layers of percent-encoding are decoded; a path with more is rejected. */
const MAX_DECODINGS = 4;
/** Encoded control characters, some of which URL parsers drop, and bytes that occur only in overlong UTF-8. */
const UNSAFE_ENCODING = /%([01][0-9a-f]|7f|c0|c1)/i;

/**
 * Prevents path traversal out of an upstream's base path. Rejects whatever two parsers could read differently: dot
 * segments in any number of encodings, empty segments, backslashes, fragments, control characters and overlong UTF-8.
 * Paths are never normalized: they are sent unchanged or rejected.
 */
export function isSafePath(path: string): boolean {
  if (path === '') return true;
  if (!path.startsWith('/') || path.includes('//')) return false;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what it rejects
  if (/[\\#\x00-\x20\x7f]/.test(path)) return false;
  let text = path;
  for (let round = 0; round < MAX_DECODINGS; round++) {
    if (DOT_SEGMENT.test(text)) return false;
    if (!text.includes('%')) return true;
    if (UNSAFE_ENCODING.test(text)) return false;
    const decoded = decodeBytes(text);
    if (decoded === text) return true;
    text = decoded;
  }
  return false;
}

/** Decodes byte by byte and never throws. Leaves a percent sign without two hex digits as it is. */
function decodeBytes(text: string): string {
  return text.replace(/%([0-9a-f]{2})/gi, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
}
