import { inDrawer, type View } from '../gallery';
import { BEN } from '../steps';

/** The register of all keys. */
export const keyViews: View[] = [
  {
    name: 'all-keys',
    route: '_app.admin.ai.keys.tsx',
    who: 'ada',
    path: () => '/admin/ai/keys',
    heading: 'All keys',
  },
  {
    name: 'all-keys-no-match',
    route: '_app.admin.ai.keys.tsx',
    who: 'ada',
    path: () => '/admin/ai/keys?q=zzz',
    heading: 'All keys',
  },
  {
    name: 'all-keys-revoke',
    route: '_app.admin.ai.keys.revoke.tsx',
    who: 'ada',
    path: ({ at }) => `/admin/ai/keys/revoke?keyId=${at.active}`,
    heading: 'Revoke the Echo key of Ben Okri?',
  },
  {
    name: 'look-up',
    route: '_app.admin.ai.keys.look-up.tsx',
    who: 'ada',
    path: () => '/admin/ai/keys/look-up',
    heading: 'Look up a leaked key',
  },
  {
    name: 'look-up-found',
    route: '_app.admin.ai.keys.look-up.tsx',
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
