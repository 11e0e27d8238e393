import { expect, it } from 'vitest';
import type { ServiceAccountView } from '~/service-accounts/service-accounts.schema';
import { sortAccounts } from '~/ui/service-accounts/service-accounts-params';

const account = (name: string, lastUsedAt: number | null, createdAt: number) =>
  ({ name, lastUsedAt, createdAt }) as ServiceAccountView;

it.each([
  [null, ['bot', 'ci', 'nightly']],
  ['unheard-of', ['bot', 'ci', 'nightly']],
  ['used', ['ci', 'bot', 'nightly']],
  ['newest', ['nightly', 'bot', 'ci']],
])('service accounts in the order %s stay by name where that says nothing', (order, names) => {
  const byName = [account('bot', null, 5), account('ci', 7, 5), account('nightly', null, 9)];
  expect(sortAccounts(byName, order).map(({ name }) => name)).toEqual(names);
});
