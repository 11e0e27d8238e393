import { expect, it } from 'vitest';
import { sortPeople } from '~/ui/users/people-params';
import type { UserView } from '~/users/users.schema';

const person = (name: string, activeKeys: number, createdAt: number) =>
  ({ name, activeKeys, createdAt }) as UserView;

it.each([
  [null, ['Ada', 'Ben', 'Cleo']],
  ['unheard-of', ['Ada', 'Ben', 'Cleo']],
  ['keys', ['Ben', 'Ada', 'Cleo']],
  ['newest', ['Cleo', 'Ada', 'Ben']],
])('people in the order %s stay by name where that says nothing', (order, names) => {
  const byName = [person('Ada', 1, 5), person('Ben', 7, 5), person('Cleo', 1, 9)];
  expect(sortPeople(byName, order).map(({ name }) => name)).toEqual(names);
});
