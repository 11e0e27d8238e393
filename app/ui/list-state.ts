/** A list whose filters, order and place are in its URL, so that links, drawers and reloads come back to the same rows. */
export interface ListState {
  path: string;
  /** The list's parameters that are set, as hidden fields for forms that lead back to it. */
  fields(params: URLSearchParams): [name: string, value: string][];
  /** Whether filters or a search narrow the list; order and place don't. */
  isFiltered(params: URLSearchParams): boolean;
  /** The list as it is. With `changes` (null removes a parameter) from its first page, unless they name a place. */
  href(params: URLSearchParams, changes?: Record<string, string | number | null>): string;
  /** A drawer or dialog above the list, such as `new` or `12/edit`. */
  childHref(child: string, params: URLSearchParams): string;
  /** The links of `Pager`, from the cursors that the API returned. */
  pageHrefs(
    params: URLSearchParams,
    cursors: Cursors,
  ): Record<'newer' | 'older', string | null> & { newest: string };
}

interface Cursors {
  nextCursor: string | number | null;
  newerCursor: string | number | null;
}

/** A page starts after the row `cursor`, or ends before the row `after`. */
const PLACE = ['cursor', 'after'];

/** Describes the list at `path`; `filters` are its parameters besides `sort` and the place. */
export function listState(path: string, filters: readonly string[]): ListState {
  const names = new Set([...filters, 'sort', ...PLACE]);
  const fields = (params: URLSearchParams) =>
    [...params].filter(([name, value]) => names.has(name) && value !== '');
  const withParams = (pathname: string, entries: [string, string][]) =>
    entries.length === 0 ? pathname : `${pathname}?${new URLSearchParams(entries)}`;

  function href(params: URLSearchParams, changes?: Record<string, string | number | null>): string {
    const next = new URLSearchParams(fields(params));
    if (changes !== undefined) for (const name of PLACE) next.delete(name);
    for (const [name, value] of Object.entries(changes ?? {})) {
      if (value === null || value === '') next.delete(name);
      else next.set(name, String(value));
    }
    return withParams(path, [...next]);
  }

  return {
    path,
    fields,
    isFiltered: (params) => filters.some((name) => (params.get(name) ?? '') !== ''),
    href,
    childHref: (child, params) => withParams(`${path}/${child}`, fields(params)),
    pageHrefs: (params, { nextCursor, newerCursor }) => ({
      newer: newerCursor === null ? null : href(params, { after: newerCursor }),
      older: nextCursor === null ? null : href(params, { cursor: nextCursor }),
      newest: href(params, {}),
    }),
  };
}

/** The parameter's value if it is one of `choices`. */
export function readChoice<const Choice extends string>(
  params: URLSearchParams,
  name: string,
  choices: readonly Choice[],
): Choice | undefined {
  return choices.find((choice) => choice === params.get(name));
}

/** What was searched for, no longer than the API accepts; undefined if nothing was. */
export const readSearch = (params: URLSearchParams): string | undefined =>
  params.get('q')?.trim().slice(0, 200) || undefined;

/** An order that a list offers. Its value is that of the parameter `sort`, empty for how rows arrive. */
export interface SortOption<Row> {
  label: string;
  value: string;
  compare?: (a: Row, b: Row) => number;
}

/** The rows in the order that the URL names. Rows that compare equal stay as they arrive. */
export function sortRows<Row>(rows: Row[], options: SortOption<Row>[], params: URLSearchParams): Row[] {
  const { compare } = options.find(({ value }) => value === params.get('sort')) ?? {};
  return compare === undefined ? rows : rows.toSorted(compare);
}
