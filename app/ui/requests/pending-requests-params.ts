import type { PendingRequest } from '~/requests/requests.schema';
import { listState } from '~/ui/list-state';

/** What the URL of the queue says about what to show. */
export interface PendingFilter {
  query: string;
  /** A tool's slug, or empty for all. */
  tool: string;
  /** A user's id, or empty for all. */
  person: string;
  sort: 'oldest' | 'newest';
}

export const PENDING_REQUESTS = listState('/admin/ai/pending-keys', ['q', 'tool', 'person']);

/** Reads the filter from an address; what is missing or unknown there means all, longest waiting first. */
export function readPendingFilter(params: URLSearchParams): PendingFilter {
  return {
    query: (params.get('q') ?? '').trim().toLowerCase(),
    tool: params.get('tool') ?? '',
    person: params.get('person') ?? '',
    sort: params.get('sort') === 'newest' ? 'newest' : 'oldest',
  };
}

/** The requests to show, in order; they come longest waiting first. */
export function filterPending(
  requests: PendingRequest[],
  { query, tool, person, sort }: PendingFilter,
): PendingRequest[] {
  const shown = requests.filter(({ key, requester }) => {
    const text = [key.tool.displayName, key.tool.slug, requester.name, requester.email, key.purpose]
      .join('\n')
      .toLowerCase();
    return (
      text.includes(query) &&
      (tool === '' || key.tool.slug === tool) &&
      (person === '' || requester.id === person)
    );
  });
  return sort === 'newest' ? shown.reverse() : shown;
}

/** The choices that the filters offer: what occurs in the queue, by name. */
export function pendingChoices(requests: PendingRequest[]) {
  const tools = new Map(requests.map(({ key }) => [key.tool.slug, key.tool.displayName]));
  const people = new Map(requests.map(({ requester }) => [requester.id, requester.name]));
  const options = (all: string, entries: Map<string, string>) => [
    { value: '', label: all },
    ...[...entries]
      .map(([value, label]) => ({ value, label }))
      .sort((a, b) => a.label.localeCompare(b.label, 'en')),
  ];
  return { tools: options('All tools', tools), people: options('All people', people) };
}
