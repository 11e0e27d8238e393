import type { UserView } from '~/users/users.schema';

/** The orders that the list of people offers, as its URL says them; empty is how it comes. */
export const PEOPLE_ORDERS = [
  { label: 'By name', value: '' },
  { label: 'Most active keys first', value: 'keys' },
  { label: 'Newest first', value: 'newest' },
];

/** People in this order; they come by name, which also orders what is equal otherwise. */
export function sortPeople(people: UserView[], order: string | null): UserView[] {
  if (order === 'keys') return people.toSorted((a, b) => b.activeKeys - a.activeKeys);
  if (order === 'newest') return people.toSorted((a, b) => b.createdAt - a.createdAt);
  return people;
}
