/** What a request line asks of the gateway. */
export interface RequestTarget {
  endpoint: 'proxy' | 'verify';
  /** As it stands in the path; not known to be a tool's. Empty when there is none. */
  slug: string;
  /** What follows the slug: empty, or a slash and more. */
  path: string;
  /** Empty, or a question mark and more. */
  query: string;
}

/**
 * Reads a request target, in absolute form too (`GET http://host/gateway/…`), whose authority decides nothing.
 *
 * @returns null when it isn't the gateway's.
 */
export function parseRequestTarget(url: string): RequestTarget | null {
  const target = url.startsWith('/') ? url : url.replace(/^https?:\/\/[^/?#]*/i, '');
  const endpoint = target.startsWith('/gateway') ? 'proxy' : target.startsWith('/verify') ? 'verify' : null;
  if (endpoint === null) return null;
  const queryAt = target.indexOf('?');
  const end = queryAt === -1 ? target.length : queryAt;
  const slash = endpoint === 'proxy' ? '/gateway'.length : '/verify'.length;
  if (slash < end && target[slash] !== '/') return null;
  const slugAt = slash + 1;
  const nextSlash = target.indexOf('/', slugAt);
  const pathAt = nextSlash === -1 || nextSlash > end ? end : nextSlash;
  return {
    endpoint,
    slug: target.slice(slugAt, pathAt),
    path: target.slice(pathAt, end),
    query: target.slice(end),
  };
}

/** What one decoding too many, by some server further on, could turn into a step up. */
const STEP = /(^|[/\\])\.{1,2}(;[^/\\]*)?([/\\]|$)/;
const MOST_ROUNDS = 4;
/** Control characters, of which URL parsers drop some, and bytes that only overlong UTF-8 has. */
const NEVER_PLAIN = /%([01][0-9a-f]|7f|c0|c1)/i;

/**
 * May this path be appended to an upstream's base path? Refuses whatever two parsers could read in two ways:
 * dot segments however often encoded, empty segments, backslashes, fragments, control characters, and bytes
 * that only the overlong UTF-8 forms of dots and slashes contain. Nothing is rewritten: a path goes out as
 * it came in, or not at all.
 */
export function isPlainPath(path: string): boolean {
  if (path === '') return true;
  if (!path.startsWith('/') || path.includes('//')) return false;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: refusing those is the point
  if (/[\\#\x00-\x20\x7f]/.test(path)) return false;
  let text = path;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    if (STEP.test(text)) return false;
    if (!text.includes('%')) return true;
    if (NEVER_PLAIN.test(text)) return false;
    const decoded = decodeBytes(text);
    if (decoded === text) return true;
    text = decoded;
  }
  return false;
}

/** Byte by byte, so that nothing can make it throw; a stray per cent sign stands for itself. */
function decodeBytes(text: string): string {
  return text.replace(/%([0-9a-f]{2})/gi, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
}
