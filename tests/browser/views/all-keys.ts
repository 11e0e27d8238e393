import { inDrawer, type View, viewsOf } from '../gallery';
import { BEN } from '../steps';

const ada = viewsOf('ada', 'admin/ai/keys');

/** All keys. */
export const keyViews: View[] = [
  ada('all-keys', 'all-keys.tsx', '/admin/ai/keys', 'All keys'),
  ada('all-keys-no-match', 'all-keys.tsx', '/admin/ai/keys?q=zzz', 'All keys'),
  ada(
    'all-keys-revoke',
    'revoke-keys.tsx',
    ({ at }) => `/admin/ai/keys/revoke?keyId=${at.active}`,
    'Revoke the Echo key of Ben Okri?',
  ),
  ada('look-up', 'look-up-key.tsx', '/admin/ai/keys/look-up', 'Look up a leaked key'),
  ada('look-up-found', 'look-up-key.tsx', '/admin/ai/keys/look-up', 'Look up a leaked key', {
    async steps(page, { at }) {
      await inDrawer(page).getByLabel('Raw key').fill(`OPENAI_API_KEY=${at.leaked}`);
      await inDrawer(page).getByRole('button', { name: 'Look up' }).click();
      await inDrawer(page).getByText(BEN.name).waitFor();
    },
  }),
];
