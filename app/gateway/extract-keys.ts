/** Headers in which the providers' clients send a key; `authorization` as a Bearer token. */
export const KEY_HEADERS = ['authorization', 'x-api-key', 'api-key', 'x-goog-api-key'] as const;
const CARRIERS: ReadonlySet<string> = new Set(KEY_HEADERS);

/** A look at the length spares most headers the rest. */
const LENGTHS: ReadonlySet<number> = new Set(KEY_HEADERS.map(({ length }) => length));

const BEARER = /^bearer +(\S+)$/i;

/**
 * Everything that was presented as a key, in whatever carrier, unjudged and in order.
 *
 * @param rawHeaders names and values in turn, as Node's `rawHeaders`: a header sent twice counts twice.
 * @param query empty, or a question mark and more.
 */
export function extractKeys(rawHeaders: readonly string[], query: string): string[] {
  const presented: string[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const written = rawHeaders[index] ?? '';
    if (!LENGTHS.has(written.length)) continue;
    const name = written.toLowerCase();
    if (!CARRIERS.has(name)) continue;
    const value = rawHeaders[index + 1] ?? '';
    const key = name === 'authorization' ? BEARER.exec(value)?.[1] : value;
    if (key) presented.push(key);
  }
  if (mayCarryKey(query)) {
    for (const part of query.slice(1).split('&')) {
      const [name, value] = splitParameter(part);
      if (name === 'key' && value !== '') presented.push(value);
    }
  }
  return presented;
}

/** The query without its `key` parameters; all else stays byte for byte. */
export function withoutKeyParameters(query: string): string {
  if (!mayCarryKey(query)) return query;
  const parts = query.slice(1).split('&');
  const kept = parts.filter((part) => splitParameter(part)[0] !== 'key');
  if (kept.length === parts.length) return query;
  return kept.length === 0 ? '' : `?${kept.join('&')}`;
}

/** Is there a `key` parameter in this query, whatever its value? */
export const hasKeyParameter = (query: string): boolean => withoutKeyParameters(query) !== query;

/** Only a quick no: most queries are empty or hold no key. */
const mayCarryKey = (query: string): boolean =>
  query.length > 1 && (query.includes('key') || query.includes('%'));

/** Decoded, names too (`%6bey`): what the upstream would read as `key` is a carrier. */
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
