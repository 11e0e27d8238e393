import { describe, expect, it } from 'vitest';
import type { ServiceAccountView } from '~/service-accounts/service-accounts.schema';
import type { ToolView } from '~/tools/tools.schema';
import { listState, readChoice, readSearch, sortRows } from '~/ui/list-state';
import { ACCOUNT_ORDERS } from '~/ui/service-accounts/service-accounts-params';
import { TOOL_ORDERS } from '~/ui/tools/tools-params';
import { PEOPLE_ORDERS } from '~/ui/users/people-params';
import type { UserView } from '~/users/users.schema';

const list = listState('/keys', ['q', 'status']);
const params = new URLSearchParams('q=ada&status=&sort=oldest&cursor=7&keyId=1&done=forged');

describe('the state of a list in its URL', () => {
  it.each([
    ['comes back to the same page of the same rows', list.href(params), '?q=ada&sort=oldest&cursor=7'],
    ['leads to the first page', list.href(params, {}), '?q=ada&sort=oldest'],
    ['replaces the place', list.href(params, { after: 9 }), '?q=ada&sort=oldest&after=9'],
    ['removes empty filters', list.href(params, { q: '', status: 'live' }), '?sort=oldest&status=live'],
    ['needs no question mark without parameters', list.href(params, { q: null, sort: null }), ''],
    ['goes along to a drawer', list.childHref('7/edit', params), '/7/edit?q=ada&sort=oldest&cursor=7'],
  ])('%s', (_behaviour, href, expected) => {
    expect(href).toBe(`/keys${expected}`);
  });

  it('goes along in forms as hidden fields, without parameters that are not its own', () => {
    expect(list.fields(params)).toEqual([
      ['q', 'ada'],
      ['sort', 'oldest'],
      ['cursor', '7'],
    ]);
  });

  it('is filtered by a search or a filter, not by order or place', () => {
    expect(list.isFiltered(params)).toBe(true);
    expect(list.isFiltered(new URLSearchParams('q=&sort=oldest&cursor=7'))).toBe(false);
  });

  it('links to the neighbouring pages that exist', () => {
    expect(list.pageHrefs(params, { nextCursor: 'x', newerCursor: null })).toEqual({
      newer: null,
      older: '/keys?q=ada&sort=oldest&cursor=x',
      newest: '/keys?q=ada&sort=oldest',
    });
  });

  it('reads known choices and trimmed searches, and nothing else', () => {
    expect(readChoice(new URLSearchParams('show=live'), 'show', ['live'])).toBe('live');
    expect(readChoice(new URLSearchParams('show=dead'), 'show', ['live'])).toBeUndefined();
    expect(readSearch(new URLSearchParams('q= ada '))).toBe('ada');
    expect(readSearch(new URLSearchParams('q= '))).toBeUndefined();
  });
});

describe('rows in the order that the URL names', () => {
  const row = (name: string, count: number, createdAt: number) =>
    ({ name, liveKeys: count, activeKeys: count, lastUsedAt: count || null, createdAt }) as unknown;
  const byName = [row('a', 0, 5), row('b', 7, 5), row('c', 0, 9)];
  const sorted = {
    tools: (order: URLSearchParams) => sortRows(byName as ToolView[], TOOL_ORDERS, order),
    people: (order: URLSearchParams) => sortRows(byName as UserView[], PEOPLE_ORDERS, order),
    accounts: (order: URLSearchParams) => sortRows(byName as ServiceAccountView[], ACCOUNT_ORDERS, order),
  };

  it.each([
    ['tools', '', 'abc'],
    ['tools', 'unknown', 'abc'],
    ['tools', 'keys', 'bac'],
    ['tools', 'newest', 'cab'],
    ['people', 'keys', 'bac'],
    ['people', 'newest', 'cab'],
    ['accounts', 'used', 'bac'],
    ['accounts', 'newest', 'cab'],
  ] as const)('%s with sort "%s" come as %s, equal rows by name', (rows, sort, expected) => {
    const names = sorted[rows](new URLSearchParams({ sort })) as unknown as { name: string }[];
    expect(names.map(({ name }) => name).join('')).toBe(expected);
  });
});
