import { Outlet, useSearchParams } from '@remix-run/react';
import type { ReactNode } from 'react';
import { type ListState, type SortOption, sortRows } from './list-state';
import { ListToolbar } from './list-toolbar';
import { NoMatch } from './no-match';
import { EmptyState, PageHeader, Panel } from './page';

interface ListPageProps<Row> {
  title: string;
  intro: string;
  list: ListState;
  rows: Row[];
  /** What a row is called. */
  nouns: [singular: string, plural: string];
  /** What the search looks at, such as *name or slug*. */
  searchedIn: string;
  /** The values of the parameter `show`. */
  filters: { label: string; value: string }[];
  orders: SortOption<Row>[];
  /** The button that adds a row. */
  addButton: ReactNode;
  /** What the list is for, shown while it is empty. */
  purpose: string;
  table(rows: Row[]): ReactNode;
  /** Below the table. */
  children?: ReactNode;
}

/** A page with one searchable list. Drawers and dialogs are its child routes. */
export function ListPage<Row>({ list, rows, nouns, orders, addButton, ...rest }: ListPageProps<Row>) {
  const [params] = useSearchParams();
  const [singular, plural] = nouns;
  return (
    <>
      <PageHeader title={rest.title} actions={addButton}>
        {rest.intro}
      </PageHeader>
      <ListToolbar
        list={list}
        searchLabel={`Search ${plural}`}
        placeholder={`Search by ${rest.searchedIn}`}
        chips={{ param: 'show', label: `Show ${plural}`, options: rest.filters }}
        sort={{ options: orders }}
        count={`${rows.length.toLocaleString('en')} ${rows.length === 1 ? singular : plural}`}
      />
      <Panel className="overflow-clip">
        {rows.length > 0 ? rest.table(sortRows(rows, orders, params)) : null}
        {rows.length === 0 && list.isFiltered(params) ? (
          <NoMatch list={list} title={`No ${singular} matches`}>
            Search covers {rest.searchedIn}.
          </NoMatch>
        ) : null}
        {rows.length === 0 && !list.isFiltered(params) ? (
          <EmptyState title={`No ${plural} yet`} action={addButton}>
            {rest.purpose}
          </EmptyState>
        ) : null}
      </Panel>
      {rest.children}
      <Outlet />
    </>
  );
}
