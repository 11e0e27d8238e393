import { inDrawer, type View, viewsOf } from '../gallery';

const cleo = viewsOf('cleo', 'me/ai-keys');
const ben = viewsOf('ben', 'me/ai-keys');

/** What every member has: their keys, the request drawer, the reveal, the account, and pages that are refused. */
export const ownViews: View[] = [
  cleo('keys-first-visit', 'own-keys.tsx', '/me/ai-keys', 'Available tools'),
  ben('keys', 'own-keys.tsx', '/me/ai-keys', 'Your keys'),
  ben('keys-menu', 'own-keys.tsx', '/me/ai-keys', 'Your keys', {
    async steps(page) {
      await page.getByLabel('More for Echo').click();
    },
  }),
  ben('keys-shortcuts', 'own-keys.tsx', '/me/ai-keys', 'Your keys', {
    async steps(page) {
      await page.getByRole('button', { name: 'Keyboard shortcuts' }).click();
      await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
    },
  }),
  ben('keys-no-match', 'own-keys.tsx', '/me/ai-keys?q=zzz', 'Your keys'),
  cleo('request', 'request-key.tsx', '/me/ai-keys/request/openai', 'Request a key for OpenAI'),
  ben(
    'request-production',
    'request-key.tsx',
    '/me/ai-keys/request/gemini',
    'Request a key for Google Gemini',
    {
      async steps(page) {
        await inDrawer(page).getByLabel('Environment').selectOption('production');
        await inDrawer(page).getByLabel('Purpose').fill('Captions for product pictures');
      },
    },
  ),
  cleo('request-refused', 'request-key.tsx', '/me/ai-keys/request/mistral', 'Request a key for Mistral', {
    async steps(page) {
      // Blanks pass the browser's own check and not the server's.
      await inDrawer(page).getByLabel('Purpose').fill('     ');
      await inDrawer(page).getByRole('button', { name: 'Issue key' }).click();
      await inDrawer(page).getByRole('alert').waitFor();
    },
  }),
  ben(
    'reveal-confirm',
    'reveal-key.tsx',
    ({ at }) => `/me/ai-keys/${at.unrevealed}/reveal`,
    'Reveal your OpenAI key?',
  ),
  cleo('reveal', 'request-key.tsx', '/me/ai-keys/request/anthropic', 'Request a key for Anthropic', {
    async steps(page) {
      await inDrawer(page).getByLabel('Purpose').fill('Reviewing pull requests');
      await inDrawer(page).getByRole('button', { name: 'Issue key' }).click();
      await page.getByRole('dialog', { name: 'Your Anthropic key' }).waitFor();
    },
  }),
  ben('key-settings', 'use-key.tsx', ({ at }) => `/me/ai-keys/${at.active}/settings`, 'Use your Echo key'),
  ben('revoke', 'revoke-key.tsx', ({ at }) => `/me/ai-keys/${at.active}/revoke`, 'Revoke the Echo key?'),
  ben(
    'withdraw',
    'withdraw-request.tsx',
    ({ at }) => `/me/ai-keys/${at.pending}/withdraw`,
    'Withdraw your request for Anthropic?',
  ),
  ben('account', '../account.tsx', '/me/account', 'Account'),
  ben('not-found', 'request-key.tsx', '/me/ai-keys/request/no-such-tool', 'Not found', { status: 404 }),
  ben('not-allowed', '../../admin/admin-layout.tsx', '/admin/audit', 'Not allowed', { status: 403 }),
];
