import { isLive } from '~/keys/key-state-machine';
import type { KeyView } from '~/keys/keys.schema';
import { listState } from '~/ui/list-state';

/** What the URL of `/me/ai-keys` says about what to show. */
export interface OwnKeysFilter {
  query: string;
  show: 'all' | 'live';
  sort: 'newest' | 'tool' | 'used';
}

export const OWN_KEYS = listState('/me/ai-keys', ['q', 'show', 'ended']);

/** Reads the filter from an address; what is missing or unknown there means all, newest first. */
export function readFilter(params: URLSearchParams): OwnKeysFilter {
  const sort = params.get('sort');
  return {
    query: (params.get('q') ?? '').trim().toLowerCase(),
    show: params.get('show') === 'live' ? 'live' : 'all',
    sort: sort === 'tool' || sort === 'used' ? sort : 'newest',
  };
}

/** How many of the keys that have ended a page lists unless asked for all: years of them would make it slow. */
const ENDED_LISTED = 100;

/** What the page asks for: one more than it lists, which tells whether there are more. */
export const endedAskedFor = (params: URLSearchParams): number | undefined =>
  params.get('ended') === 'all' ? undefined : ENDED_LISTED + 1;

/** Leaves the oldest ended key out if there are more than are listed; `keys` come newest first. */
export function leaveOutOlder(
  keys: KeyView[],
  asked: number | undefined,
): { keys: KeyView[]; older: boolean } {
  const ended = keys.filter(({ status }) => !isLive(status));
  const oldest = ended.at(-1);
  if (asked === undefined || ended.length < asked) return { keys, older: false };
  return { keys: keys.filter((key) => key !== oldest), older: true };
}

/** Does a tool's name or slug contain what was searched for? */
export function matchesTool(tool: { slug: string; displayName: string }, query: string): boolean {
  return tool.displayName.toLowerCase().includes(query) || tool.slug.includes(query);
}

/** The keys to show, in order; `keys` come newest first. */
export function filterKeys(keys: KeyView[], { query, show, sort }: OwnKeysFilter): KeyView[] {
  const shown = keys.filter(
    ({ tool, status }) => matchesTool(tool, query) && (show === 'all' || isLive(status)),
  );
  if (sort === 'tool')
    return shown.sort((a, b) => a.tool.displayName.localeCompare(b.tool.displayName, 'en'));
  if (sort === 'used') return shown.sort((a, b) => (b.lastUsedAt ?? 0) - (a.lastUsedAt ?? 0));
  return shown;
}
