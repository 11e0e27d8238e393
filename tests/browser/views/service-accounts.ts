import { inDrawer, type View } from '../gallery';

const NAME = 'ci/release-notes';

/** Service accounts and their keys. */
export const serviceAccountViews: View[] = [
  {
    name: 'service-accounts',
    route: '_app.admin.ai.service-accounts.tsx',
    who: 'ada',
    path: () => '/admin/ai/service-accounts',
    heading: 'Service accounts',
  },
  {
    name: 'service-accounts-no-match',
    route: '_app.admin.ai.service-accounts.tsx',
    who: 'ada',
    path: () => '/admin/ai/service-accounts?q=zzz',
    heading: 'Service accounts',
  },
  {
    name: 'service-account-new',
    route: '_app.admin.ai.service-accounts.new.tsx',
    who: 'ada',
    path: () => '/admin/ai/service-accounts/new',
    heading: 'New service account',
  },
  {
    name: 'service-account-new-refused',
    route: '_app.admin.ai.service-accounts.new.tsx',
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
    route: '_app.admin.ai.service-accounts.$accountId.tsx',
    who: 'ada',
    path: ({ at }) => `/admin/ai/service-accounts/${at.account}`,
    heading: NAME,
  },
  {
    name: 'service-account-disabled',
    route: '_app.admin.ai.service-accounts.$accountId.tsx',
    who: 'ada',
    path: ({ at }) => `/admin/ai/service-accounts/${at.disabledAccount}`,
    heading: 'support-bot',
  },
  {
    name: 'service-account-edit',
    route: '_app.admin.ai.service-accounts.$accountId_.edit.tsx',
    who: 'ada',
    path: ({ at }) => `/admin/ai/service-accounts/${at.account}/edit`,
    heading: `Edit ${NAME}`,
  },
  {
    name: 'service-account-issue-key',
    route: '_app.admin.ai.service-accounts.$accountId_.issue-key.tsx',
    who: 'ada',
    path: ({ at }) => `/admin/ai/service-accounts/${at.account}/issue-key`,
    heading: `Issue a key to ${NAME}`,
  },
  {
    name: 'service-account-issue-key-disabled',
    route: '_app.admin.ai.service-accounts.$accountId_.issue-key.tsx',
    who: 'ada',
    path: ({ at }) => `/admin/ai/service-accounts/${at.disabledAccount}/issue-key`,
    heading: 'Issue a key to support-bot',
  },
  {
    name: 'service-account-reveal',
    route: '_app.admin.ai.service-accounts.$accountId_.issue-key.tsx',
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
    route: '_app.admin.ai.service-accounts.$accountId_.disable.tsx',
    who: 'ada',
    path: ({ at }) => `/admin/ai/service-accounts/${at.account}/disable`,
    heading: `Disable ${NAME}?`,
  },
  {
    name: 'service-account-key-revoke',
    route: '_app.admin.ai.service-accounts.$accountId_.keys.$keyId.revoke.tsx',
    who: 'ada',
    path: ({ at }) => `/admin/ai/service-accounts/${at.account}/keys/${at.serviceKey}/revoke`,
    heading: `Revoke the OpenAI key of ${NAME}?`,
  },
];
