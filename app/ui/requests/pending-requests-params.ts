import type { PendingRequest } from '~/requests/requests.schema';
import { listState, readSearch } from '~/ui/list-state';

/** The requests that match the URL's search, tool and person, in its order. They arrive oldest first. */
export const PENDING_REQUESTS = listState('/admin/ai/pending-keys', ['q', 'tool', 'person']);

export function filterPending(requests: PendingRequest[], params: URLSearchParams): PendingRequest[] {
  const query = readSearch(params)?.toLowerCase() ?? '';
  const tool = params.get('tool') || null;
  const person = params.get('person') || null;
  const shown = requests.filter(({ key, requester }) => {
    const text = [key.tool.displayName, key.tool.slug, requester.name, requester.email, key.purpose]
      .join('\n')
      .toLowerCase();
    return (
      text.includes(query) &&
      (tool === null || key.tool.slug === tool) &&
      (person === null || requester.id === person)
    );
  });
  return params.get('sort') === 'newest' ? shown.reverse() : shown;
}

/** The options of the tool and person filters: those with pending requests, by name. */
export function filterOptions(requests: PendingRequest[]) {
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
