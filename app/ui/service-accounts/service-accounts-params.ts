import type { ServiceAccountView } from '~/service-accounts/service-accounts.schema';

/** The orders that the list of service accounts offers, as its URL says them; empty is how it comes. */
export const ACCOUNT_ORDERS = [
  { label: 'By name', value: '' },
  { label: 'Last used first', value: 'used' },
  { label: 'Newest first', value: 'newest' },
];

/** The accounts in this order; they come by name, which also orders what is equal otherwise. */
export function sortAccounts(accounts: ServiceAccountView[], order: string | null): ServiceAccountView[] {
  if (order === 'used') return accounts.toSorted((a, b) => (b.lastUsedAt ?? 0) - (a.lastUsedAt ?? 0));
  if (order === 'newest') return accounts.toSorted((a, b) => b.createdAt - a.createdAt);
  return accounts;
}
