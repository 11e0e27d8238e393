import { inDrawer, type View } from '../gallery';

const NAME = 'ci/release-notes';

/** Service accounts and their keys. */
export const serviceAccountViews: View[] = [
  {
    name: 'service-accounts',
    route: 'admin/ai/service-accounts/service-accounts.tsx',
    who: 'ada',
    path: () => '/admin/ai/service-accounts',
    heading: 'Service accounts',
  },
  {
    name: 'service-accounts-no-match',
    route: 'admin/ai/service-accounts/service-accounts.tsx',
    who: 'ada',
    path: () => '/admin/ai/service-accounts?q=zzz',
    heading: 'Service accounts',
  },
  {
    name: 'service-account-new',
    route: 'admin/ai/service-accounts/save-service-account.tsx',
    who: 'ada',
    path: () => '/admin/ai/service-accounts/new',
    heading: 'New service account',
  },
  {
    name: 'service-account-new-refused',
    route: 'admin/ai/service-accounts/save-service-account.tsx',
    who: 'ada',
    path: () => '/admin/ai/service-accounts/new',
    heading: 'New service account',
    async steps(page) {
      await inDrawer(page).getByLabel('Name').fill('ci, release notes');
      await inDrawer(page).getByLabel('Purpose').fill('Writes the release notes');
      await inDrawer(page).getByRole('button', { name: 'Create' }).click();
      await inDrawer(page).getByRole('alert').waitFor();
    },
  },
  {
    name: 'service-account',
    route: 'admin/ai/service-accounts/service-account.tsx',
    who: 'ada',
    path: ({ at }) => `/admin/ai/service-accounts/${at.account}`,
    heading: NAME,
  },
  {
    name: 'service-account-disabled',
    route: 'admin/ai/service-accounts/service-account.tsx',
    who: 'ada',
    path: ({ at }) => `/admin/ai/service-accounts/${at.disabledAccount}`,
    heading: 'support-bot',
  },
  {
    name: 'service-account-edit',
    route: 'admin/ai/service-accounts/save-service-account.tsx',
    who: 'ada',
    path: ({ at }) => `/admin/ai/service-accounts/${at.account}/edit`,
    heading: `Edit ${NAME}`,
  },
  {
    name: 'service-account-issue-key',
    route: 'admin/ai/service-accounts/issue-key.tsx',
    who: 'ada',
    path: ({ at }) => `/admin/ai/service-accounts/${at.account}/issue-key`,
    heading: `Issue a key to ${NAME}`,
  },
  {
    name: 'service-account-issue-key-disabled',
    route: 'admin/ai/service-accounts/issue-key.tsx',
    who: 'ada',
    path: ({ at }) => `/admin/ai/service-accounts/${at.disabledAccount}/issue-key`,
    heading: 'Issue a key to support-bot',
  },
  {
    name: 'service-account-reveal',
    route: 'admin/ai/service-accounts/issue-key.tsx',
    who: 'ada',
    path: ({ at }) => `/admin/ai/service-accounts/${at.account}/issue-key`,
    heading: `Issue a key to ${NAME}`,
    async steps(page) {
      await inDrawer(page).getByLabel('Tool').selectOption('echo');
      await inDrawer(page).getByLabel('Purpose').fill('Trying the pipeline out');
      await inDrawer(page).getByRole('button', { name: 'Issue key' }).click();
      await page.getByRole('dialog', { name: `The Echo key of ${NAME}` }).waitFor();
    },
  },
  {
    name: 'service-account-disable',
    route: 'admin/ai/service-accounts/disable-service-account.tsx',
    who: 'ada',
    path: ({ at }) => `/admin/ai/service-accounts/${at.account}/disable`,
    heading: `Disable ${NAME}?`,
  },
  {
    name: 'service-account-key-revoke',
    route: 'admin/ai/keys/revoke-keys.tsx',
    who: 'ada',
    path: ({ at }) => `/admin/ai/service-accounts/${at.account}/keys/${at.serviceKey}/revoke`,
    heading: `Revoke the OpenAI key of ${NAME}?`,
  },
];
