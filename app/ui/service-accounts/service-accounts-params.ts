import type { ServiceAccountView } from '~/service-accounts/service-accounts.schema';
import { listState, type SortOption } from '~/ui/list-state';

export const SERVICE_ACCOUNTS = listState('/admin/ai/service-accounts', ['q', 'show']);

/** Rows arrive by name. */
export const ACCOUNT_ORDERS: SortOption<ServiceAccountView>[] = [
  { label: 'By name', value: '' },
  { label: 'Last used first', value: 'used', compare: (a, b) => (b.lastUsedAt ?? 0) - (a.lastUsedAt ?? 0) },
  { label: 'Newest first', value: 'newest', compare: (a, b) => b.createdAt - a.createdAt },
];
