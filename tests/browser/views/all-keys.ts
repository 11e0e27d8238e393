import { inDrawer, type View } from '../gallery';
import { BEN } from '../steps';

/** All keys. */
export const keyViews: View[] = [
  {
    name: 'all-keys',
    route: 'admin/ai/keys/all-keys.tsx',
    who: 'ada',
    path: () => '/admin/ai/keys',
    heading: 'All keys',
  },
  {
    name: 'all-keys-no-match',
    route: 'admin/ai/keys/all-keys.tsx',
    who: 'ada',
    path: () => '/admin/ai/keys?q=zzz',
    heading: 'All keys',
  },
  {
    name: 'all-keys-revoke',
    route: 'admin/ai/keys/revoke-keys.tsx',
    who: 'ada',
    path: ({ at }) => `/admin/ai/keys/revoke?keyId=${at.active}`,
    heading: 'Revoke the Echo key of Ben Okri?',
  },
  {
    name: 'look-up',
    route: 'admin/ai/keys/look-up-key.tsx',
    who: 'ada',
    path: () => '/admin/ai/keys/look-up',
    heading: 'Look up a leaked key',
  },
  {
    name: 'look-up-found',
    route: 'admin/ai/keys/look-up-key.tsx',
    who: 'ada',
    path: () => '/admin/ai/keys/look-up',
    heading: 'Look up a leaked key',
    async steps(page, { at }) {
      await inDrawer(page).getByLabel('Raw key').fill(`OPENAI_API_KEY=${at.leaked}`);
      await inDrawer(page).getByRole('button', { name: 'Look up' }).click();
      await inDrawer(page).getByText(BEN.name).waitFor();
    },
  },
];
