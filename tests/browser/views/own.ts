import { inDrawer, type View } from '../gallery';

/** What every member has: their keys, the request drawer, the reveal, the account, and pages that are refused. */
export const ownViews: View[] = [
  {
    name: 'keys-first-visit',
    route: '_app.me.ai-keys.tsx',
    who: 'cleo',
    path: () => '/me/ai-keys',
    heading: 'Available tools',
  },
  {
    name: 'keys',
    route: '_app.me.ai-keys.tsx',
    who: 'ben',
    path: () => '/me/ai-keys',
    heading: 'Your keys',
  },
  {
    name: 'keys-menu',
    route: '_app.me.ai-keys.tsx',
    who: 'ben',
    path: () => '/me/ai-keys',
    heading: 'Your keys',
    async steps(page) {
      await page.getByLabel('More for Echo').click();
    },
  },
  {
    name: 'keys-shortcuts',
    route: '_app.me.ai-keys.tsx',
    who: 'ben',
    path: () => '/me/ai-keys',
    heading: 'Your keys',
    async steps(page) {
      await page.getByRole('button', { name: 'Keyboard shortcuts' }).click();
      await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
    },
  },
  {
    name: 'keys-no-match',
    route: '_app.me.ai-keys.tsx',
    who: 'ben',
    path: () => '/me/ai-keys?q=zzz',
    heading: 'Your keys',
  },
  {
    name: 'request',
    route: '_app.me.ai-keys.request.$tool.tsx',
    who: 'cleo',
    path: () => '/me/ai-keys/request/openai',
    heading: 'Request a key for OpenAI',
  },
  {
    name: 'request-production',
    route: '_app.me.ai-keys.request.$tool.tsx',
    who: 'ben',
    path: () => '/me/ai-keys/request/gemini',
    heading: 'Request a key for Google Gemini',
    async steps(page) {
      await inDrawer(page).getByLabel('Environment').selectOption('production');
      await inDrawer(page).getByLabel('Purpose').fill('Captions for product pictures');
    },
  },
  {
    name: 'request-refused',
    route: '_app.me.ai-keys.request.$tool.tsx',
    who: 'cleo',
    path: () => '/me/ai-keys/request/mistral',
    heading: 'Request a key for Mistral',
    async steps(page) {
      // Blanks pass the browser's own check and not the server's.
      await inDrawer(page).getByLabel('Purpose').fill('     ');
      await inDrawer(page).getByRole('button', { name: 'Issue key' }).click();
      await inDrawer(page).getByRole('alert').waitFor();
    },
  },
  {
    name: 'reveal-confirm',
    route: '_app.me.ai-keys.$keyId.reveal.tsx',
    who: 'ben',
    path: ({ at }) => `/me/ai-keys/${at.unrevealed}/reveal`,
    heading: 'Reveal your OpenAI key?',
  },
  {
    name: 'reveal',
    route: '_app.me.ai-keys.request.$tool.tsx',
    who: 'cleo',
    path: () => '/me/ai-keys/request/anthropic',
    heading: 'Request a key for Anthropic',
    async steps(page) {
      await inDrawer(page).getByLabel('Purpose').fill('Reviewing pull requests');
      await inDrawer(page).getByRole('button', { name: 'Issue key' }).click();
      await page.getByRole('dialog', { name: 'Your Anthropic key' }).waitFor();
    },
  },
  {
    name: 'key-settings',
    route: '_app.me.ai-keys.$keyId.settings.tsx',
    who: 'ben',
    path: ({ at }) => `/me/ai-keys/${at.active}/settings`,
    heading: 'Use your Echo key',
  },
  {
    name: 'revoke',
    route: '_app.me.ai-keys.$keyId.revoke.tsx',
    who: 'ben',
    path: ({ at }) => `/me/ai-keys/${at.active}/revoke`,
    heading: 'Revoke the Echo key?',
  },
  {
    name: 'withdraw',
    route: '_app.me.ai-keys.$keyId.withdraw.tsx',
    who: 'ben',
    path: ({ at }) => `/me/ai-keys/${at.pending}/withdraw`,
    heading: 'Withdraw your request for Anthropic?',
  },
  {
    name: 'account',
    route: '_app.me.account.tsx',
    who: 'ben',
    path: () => '/me/account',
    heading: 'Account',
  },
  {
    name: 'not-found',
    route: '_app.me.ai-keys.request.$tool.tsx',
    who: 'ben',
    path: () => '/me/ai-keys/request/no-such-tool',
    heading: 'Not found',
    status: 404,
  },
  {
    name: 'not-allowed',
    route: '_app.admin.tsx',
    who: 'ben',
    path: () => '/admin/audit',
    heading: 'Not allowed',
    status: 403,
  },
];
