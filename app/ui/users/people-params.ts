import { listState, type SortOption } from '~/ui/list-state';
import type { UserView } from '~/users/users.schema';

export const PEOPLE = listState('/admin/users', ['q', 'show']);

/** Rows arrive by name. */
export const PEOPLE_ORDERS: SortOption<UserView>[] = [
  { label: 'By name', value: '' },
  { label: 'Most active keys first', value: 'keys', compare: (a, b) => b.activeKeys - a.activeKeys },
  { label: 'Newest first', value: 'newest', compare: (a, b) => b.createdAt - a.createdAt },
];
