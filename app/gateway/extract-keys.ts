/** Headers in which providers' clients send a key; in `authorization` as a Bearer token. */
export const KEY_HEADERS = ['authorization', 'x-api-key', 'api-key', 'x-goog-api-key'] as const;
const KEY_HEADER_SET: ReadonlySet<string> = new Set(KEY_HEADERS);

/** Comparing the length first skips most headers without lowercasing them. */
const KEY_HEADER_LENGTHS: ReadonlySet<number> = new Set(KEY_HEADERS.map(({ length }) => length));

const BEARER = /^bearer +(\S+)$/i;

/**
 * Returns everything a request presents as a key, in order and without validation.
 *
 * @param rawHeaders Node's `rawHeaders`: names and values in turn, with repeated headers.
 * @param query empty, or a question mark and more.
 */
export function extractKeys(rawHeaders: readonly string[], query: string): string[] {
  const presented: string[] = [];
  addHeaderKeys(rawHeaders, presented);
  if (mayContainKey(query)) addQueryKeys(query, presented);
  return presented;
}

function addHeaderKeys(rawHeaders: readonly string[], presented: string[]): void {
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const rawName = rawHeaders[index] ?? '';
    if (!KEY_HEADER_LENGTHS.has(rawName.length)) continue;
    const name = rawName.toLowerCase();
    if (!KEY_HEADER_SET.has(name)) continue;
    const value = rawHeaders[index + 1] ?? '';
    const key = name === 'authorization' ? BEARER.exec(value)?.[1] : value;
    if (key) presented.push(key);
  }
}

function addQueryKeys(query: string, presented: string[]): void {
  for (const part of query.slice(1).split('&')) {
    const [name, value] = splitParameter(part);
    if (name === 'key' && value !== '') presented.push(value);
  }
}

/** Returns the query without its `key` parameters; the rest is unchanged. */
export function removeKeyParameters(query: string): string {
  if (!mayContainKey(query)) return query;
  const parts = query.slice(1).split('&');
  const kept = parts.filter((part) => splitParameter(part)[0] !== 'key');
  if (kept.length === parts.length) return query;
  return kept.length === 0 ? '' : `?${kept.join('&')}`;
}

/** Whether the query has a `key` parameter with any value. */
export const hasKeyParameter = (query: string): boolean => removeKeyParameters(query) !== query;

/** A quick check that excludes most queries. */
const mayContainKey = (query: string): boolean =>
  query.length > 1 && (query.includes('key') || query.includes('%'));

/** Decodes names, too: the upstream would read `%6bey` as `key`. */
function splitParameter(part: string): [name: string, value: string] {
  const end = part.indexOf('=');
  return end === -1 ? [decode(part), ''] : [decode(part.slice(0, end)), decode(part.slice(end + 1))];
}

function decode(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
