import { inDrawer, type View } from '../gallery';

/** What every member has: their keys, the request drawer, the reveal, the account, and pages that are refused. */
export const ownViews: View[] = [
  {
    name: 'keys-first-visit',
    route: 'me/ai-keys/own-keys.tsx',
    who: 'cleo',
    path: () => '/me/ai-keys',
    heading: 'Available tools',
  },
  {
    name: 'keys',
    route: 'me/ai-keys/own-keys.tsx',
    who: 'ben',
    path: () => '/me/ai-keys',
    heading: 'Your keys',
  },
  {
    name: 'keys-menu',
    route: 'me/ai-keys/own-keys.tsx',
    who: 'ben',
    path: () => '/me/ai-keys',
    heading: 'Your keys',
    async steps(page) {
      await page.getByLabel('More for Echo').click();
    },
  },
  {
    name: 'keys-shortcuts',
    route: 'me/ai-keys/own-keys.tsx',
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
    route: 'me/ai-keys/own-keys.tsx',
    who: 'ben',
    path: () => '/me/ai-keys?q=zzz',
    heading: 'Your keys',
  },
  {
    name: 'request',
    route: 'me/ai-keys/request-key.tsx',
    who: 'cleo',
    path: () => '/me/ai-keys/request/openai',
    heading: 'Request a key for OpenAI',
  },
  {
    name: 'request-production',
    route: 'me/ai-keys/request-key.tsx',
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
    route: 'me/ai-keys/request-key.tsx',
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
    route: 'me/ai-keys/reveal-key.tsx',
    who: 'ben',
    path: ({ at }) => `/me/ai-keys/${at.unrevealed}/reveal`,
    heading: 'Reveal your OpenAI key?',
  },
  {
    name: 'reveal',
    route: 'me/ai-keys/request-key.tsx',
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
    route: 'me/ai-keys/use-key.tsx',
    who: 'ben',
    path: ({ at }) => `/me/ai-keys/${at.active}/settings`,
    heading: 'Use your Echo key',
  },
  {
    name: 'revoke',
    route: 'me/ai-keys/revoke-key.tsx',
    who: 'ben',
    path: ({ at }) => `/me/ai-keys/${at.active}/revoke`,
    heading: 'Revoke the Echo key?',
  },
  {
    name: 'withdraw',
    route: 'me/ai-keys/withdraw-request.tsx',
    who: 'ben',
    path: ({ at }) => `/me/ai-keys/${at.pending}/withdraw`,
    heading: 'Withdraw your request for Anthropic?',
  },
  {
    name: 'account',
    route: 'me/account.tsx',
    who: 'ben',
    path: () => '/me/account',
    heading: 'Account',
  },
  {
    name: 'not-found',
    route: 'me/ai-keys/request-key.tsx',
    who: 'ben',
    path: () => '/me/ai-keys/request/no-such-tool',
    heading: 'Not found',
    status: 404,
  },
  {
    name: 'not-allowed',
    route: 'admin/admin-layout.tsx',
    who: 'ben',
    path: () => '/admin/audit',
    heading: 'Not allowed',
    status: 403,
  },
];
