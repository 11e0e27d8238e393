import { inDrawer, type View, viewsOf } from '../gallery';

const NAME = 'ci/release-notes';

const ada = viewsOf('ada', 'admin/ai/service-accounts');
const confirm = viewsOf('ada', 'admin');

/** Service accounts and their keys. */
export const serviceAccountViews: View[] = [
  ada('service-accounts', 'service-accounts.tsx', '/admin/ai/service-accounts', 'Service accounts'),
  ada(
    'service-accounts-no-match',
    'service-accounts.tsx',
    '/admin/ai/service-accounts?q=zzz',
    'Service accounts',
  ),
  ada(
    'service-account-new',
    'save-service-account.tsx',
    '/admin/ai/service-accounts/new',
    'New service account',
  ),
  ada(
    'service-account-new-refused',
    'save-service-account.tsx',
    '/admin/ai/service-accounts/new',
    'New service account',
    {
      async steps(page) {
        await inDrawer(page).getByLabel('Name').fill('ci, release notes');
        await inDrawer(page).getByLabel('Purpose').fill('Writes the release notes');
        await inDrawer(page).getByRole('button', { name: 'Create' }).click();
        await inDrawer(page).getByRole('alert').waitFor();
      },
    },
  ),
  ada('service-account', 'service-account.tsx', ({ at }) => `/admin/ai/service-accounts/${at.account}`, NAME),
  ada(
    'service-account-disabled',
    'service-account.tsx',
    ({ at }) => `/admin/ai/service-accounts/${at.disabledAccount}`,
    'support-bot',
  ),
  ada(
    'service-account-edit',
    'save-service-account.tsx',
    ({ at }) => `/admin/ai/service-accounts/${at.account}/edit`,
    `Edit ${NAME}`,
  ),
  ada(
    'service-account-issue-key',
    'issue-key.tsx',
    ({ at }) => `/admin/ai/service-accounts/${at.account}/issue-key`,
    `Issue a key to ${NAME}`,
  ),
  ada(
    'service-account-issue-key-disabled',
    'issue-key.tsx',
    ({ at }) => `/admin/ai/service-accounts/${at.disabledAccount}/issue-key`,
    'Issue a key to support-bot',
  ),
  ada(
    'service-account-reveal',
    'issue-key.tsx',
    ({ at }) => `/admin/ai/service-accounts/${at.account}/issue-key`,
    `Issue a key to ${NAME}`,
    {
      async steps(page) {
        await inDrawer(page).getByLabel('Tool').selectOption('echo');
        await inDrawer(page).getByLabel('Purpose').fill('Trying the pipeline out');
        await inDrawer(page).getByRole('button', { name: 'Issue key' }).click();
        await page.getByRole('dialog', { name: `The Echo key of ${NAME}` }).waitFor();
      },
    },
  ),
  confirm(
    'service-account-disable',
    'confirm-action.tsx',
    ({ at }) => `/admin/ai/service-accounts/${at.account}/disable`,
    `Disable ${NAME}?`,
  ),
  ada(
    'service-account-key-revoke',
    '../keys/revoke-keys.tsx',
    ({ at }) => `/admin/ai/service-accounts/${at.account}/keys/${at.serviceKey}/revoke`,
    `Revoke the OpenAI key of ${NAME}?`,
  ),
];
