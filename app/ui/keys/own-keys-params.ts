import { isLive } from '~/keys/key-state-machine';
import type { KeyView } from '~/keys/keys.schema';
import { listState } from '~/ui/list-state';

/** What the URL selects. */
export interface OwnKeysFilter {
  query: string;
  show: 'all' | 'live';
  sort: 'newest' | 'tool' | 'used';
}

export const OWN_KEYS = listState('/me/ai-keys', ['q', 'show', 'ended']);

/** Reads the filter from the URL. Missing and unknown values mean all keys, newest first. */
export function readFilter(params: URLSearchParams): OwnKeysFilter {
  const sort = params.get('sort');
  return {
    query: (params.get('q') ?? '').trim().toLowerCase(),
    show: params.get('show') === 'live' ? 'live' : 'all',
    sort: sort === 'tool' || sort === 'used' ? sort : 'newest',
  };
}

/** How many ended keys the page lists unless asked for all: years of them would make it slow. */
const ENDED_LISTED = 100;

/** How many ended keys to request: one more than are listed, to know whether there are more. Undefined for all. */
export const endedLimit = (params: URLSearchParams): number | undefined =>
  params.get('ended') === 'all' ? undefined : ENDED_LISTED + 1;

/** Removes the oldest ended key if there are more than the page lists. `keys` are sorted newest first. */
export function withoutOldest(
  keys: KeyView[],
  limit: number | undefined,
): { keys: KeyView[]; older: boolean } {
  const ended = keys.filter(({ status }) => !isLive(status));
  const oldest = ended.at(-1);
  if (limit === undefined || ended.length < limit) return { keys, older: false };
  return { keys: keys.filter((key) => key !== oldest), older: true };
}

export function matchesTool(tool: { slug: string; displayName: string }, query: string): boolean {
  return tool.displayName.toLowerCase().includes(query) || tool.slug.includes(query);
}

/** The keys to show, sorted. `keys` are sorted newest first. */
export function filterKeys(keys: KeyView[], { query, show, sort }: OwnKeysFilter): KeyView[] {
  const shown = keys.filter(
    ({ tool, status }) => matchesTool(tool, query) && (show === 'all' || isLive(status)),
  );
  if (sort === 'tool')
    return shown.sort((a, b) => a.tool.displayName.localeCompare(b.tool.displayName, 'en'));
  if (sort === 'used') return shown.sort((a, b) => (b.lastUsedAt ?? 0) - (a.lastUsedAt ?? 0));
  return shown;
}
