/** The list's address with these filters, at the place given or at the beginning. */
export function allKeysHref(
  params: URLSearchParams,
  place: { cursor?: string; after?: string } = {},
): string {
  const next = new URLSearchParams(
    listParams(params).filter(([name]) => !['cursor', 'after'].includes(name)),
  );
  for (const [name, value] of Object.entries(place)) next.set(name, value);
  return `/admin/ai/keys${next.size > 0 ? `?${next}` : ''}`;
}

/** What of an address belongs to the list, for pages above it to take along and come back to. */
export function listParams(params: URLSearchParams): [string, string][] {
  return [...params].filter(
    ([name, value]) => ['q', 'status', 'sort', 'cursor', 'after'].includes(name) && value !== '',
  );
}

/** Where leaving a page above the list leads: the list as it was. */
export const allKeysReturnHref = (params: URLSearchParams, more: [string, string][] = []): string =>
  `/admin/ai/keys?${new URLSearchParams([...listParams(params), ...more])}`;
