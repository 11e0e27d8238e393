import type { View, Viewer } from './gallery';
import { BEN } from './steps';

/** Files in `app/routes` without a page. */
export const ROUTES_WITHOUT_VIEW = [
  'home.ts',
  'app-layout.tsx',
  'sign-in/sign-out.tsx',
  'admin/audit/export.ts',
];

type Row = [name: string, file: string, path: string, heading: string, options?: Partial<View>];

/** Views of one person, with routes in one folder of `app/routes`. `path` continues `url`. */
const viewsOf = (who: Viewer, folder: string, url: string, rows: Row[]): View[] =>
  rows.map(([name, file, path, heading, options]) => {
    const route = `${file.includes('/') ? file : `${folder}/${file}`}.tsx`;
    return { name, route, who, path: url + path, heading, ...options };
  });

const BOT = 'ci/release-notes';
const NOBODY = { Email: 'nobody@example.com', Password: 'not my password' };
const PICTURES = { Environment: 'production', Purpose: 'Captions for product pictures' };
const REVIEWS = { Purpose: 'Reviewing pull requests' };
/** Blanks pass the browser's check but not the server's. */
const BLANK = { Purpose: '     ' };
const LEAKED = { 'Raw key': 'OPENAI_API_KEY={leaked}' };
const BAD_NAME = { Name: 'ci, release notes', Purpose: 'Writes the release notes' };
const FIRST_KEY = { Tool: 'echo', Purpose: 'Trying the pipeline out' };
const GONE = { status: 404 };
const CONFIRM = 'admin/confirm-action';

const endSession: View['steps'] = async (page, { server }) => {
  const headers = { Origin: server.url, 'Sec-Fetch-Site': 'same-origin' };
  await page.request.post('/me/account', { form: { intent: 'end-others' }, headers, maxRedirects: 0 });
  await page.goto('/sign-in');
  await page.getByText('Your session has ended').waitFor();
};
const openShortcuts: View['steps'] = async (page) => {
  await page.getByRole('button', { name: 'Keyboard shortcuts' }).click();
  await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
};

/** Every page, drawer, dialog and modal. A route without a view fails a test. */
export const VIEWS: View[] = [
  ...viewsOf('nobody', 'sign-in', '/', [
    ['setup', 'setup', 'setup?token={setupToken}', 'Create the first admin', { fresh: true }],
    ['setup-dead-link', 'setup', 'setup?token=wrong', 'This setup link doesn’t work', { fresh: true }],
    ['sign-in', 'sign-in', 'sign-in', 'Sign in'],
    ['sign-in-session-ended', 'sign-in', 'sign-in', 'Sign in', { steps: endSession }],
    ['sign-in-refused', 'sign-in', 'sign-in', 'Sign in', { fill: NOBODY, press: 'Sign in' }],
    ['join', 'invite', 'invite?token={invitationToken}', 'Join My AI Keys'],
    ['join-dead-link', 'invite', 'invite?token=wrong', 'This invitation doesn’t work', GONE],
    ['reset-password', 'reset-password', 'reset-password?token={resetToken}', 'Choose a new password'],
    ['reset-dead-link', 'reset-password', 'reset-password?token=wrong', 'This link doesn’t work', GONE],
  ]),
  ...viewsOf('cleo', 'me/ai-keys', '/me/ai-keys', [
    ['keys-first-visit', 'own-keys', '', 'Available tools'],
    ['request', 'request-key', '/request/openai', 'Request a key for OpenAI'],
    [
      'request-refused',
      'request-key',
      '/request/mistral',
      'Request a key for Mistral',
      { fill: BLANK, press: 'Issue key' },
    ],
    [
      'reveal',
      'request-key',
      '/request/anthropic',
      'Request a key for Anthropic',
      { fill: REVIEWS, press: 'Issue key', shows: 'Your Anthropic key' },
    ],
  ]),
  ...viewsOf('ben', 'me/ai-keys', '/me/ai-keys', [
    ['keys', 'own-keys', '', 'Your keys'],
    ['keys-menu', 'own-keys', '', 'Your keys', { steps: (page) => page.getByLabel('More for Echo').click() }],
    ['keys-shortcuts', 'own-keys', '', 'Your keys', { steps: openShortcuts }],
    ['keys-no-match', 'own-keys', '?q=zzz', 'Your keys'],
    [
      'request-production',
      'request-key',
      '/request/gemini',
      'Request a key for Google Gemini',
      { fill: PICTURES },
    ],
    ['reveal-confirm', 'reveal-key', '/{unrevealed}/reveal', 'Reveal your OpenAI key?'],
    ['key-settings', 'use-key', '/{active}/settings', 'Use your Echo key'],
    ['revoke', 'revoke-key', '/{active}/revoke', 'Revoke the Echo key?'],
    ['withdraw', 'withdraw-request', '/{pending}/withdraw', 'Withdraw your request for Anthropic?'],
    ['not-found', 'request-key', '/request/no-such-tool', 'Not found', GONE],
  ]),
  ...viewsOf('ben', 'me', '', [
    ['account', 'account', '/me/account', 'Account'],
    ['not-allowed', 'admin/admin-layout', '/admin/audit', 'Not allowed', { status: 403 }],
  ]),
  ...viewsOf('ada', 'admin/ai/pending-keys', '/admin', [
    ['get-started', 'admin/setup-checklist', '', 'Get started'],
    ['pending-requests', 'pending-requests', '/ai/pending-keys', 'Pending key requests'],
    ['pending-requests-no-match', 'pending-requests', '/ai/pending-keys?q=zzz', 'Pending key requests'],
    ['reject', 'reject-requests', '/ai/pending-keys/reject?keyId={pending}', 'Reject the request'],
  ]),
  ...viewsOf('ada', 'admin/ai/tools', '/admin/ai/tools', [
    ['tools', 'tools', '', 'Tools'],
    ['tools-no-match', 'tools', '?q=zzz', 'Tools'],
    ['tool-add', 'save-tool', '/new', 'Add a tool'],
    ['tool-add-preset', 'save-tool', '/new?preset=azure-openai', 'Add Azure OpenAI'],
    ['tool-add-refused', 'save-tool', '/new?preset=custom', 'Add a custom tool', { press: 'Add tool' }],
    ['tool', 'tool', '/openai', 'OpenAI'],
    [
      'tool-edit',
      'save-tool',
      '/mistral/edit',
      'Edit Mistral',
      { steps: (page) => page.getByText('Limits and transport').click() },
    ],
    ['tool-credential', 'set-credential', '/openai/credential', 'Replace the credential of OpenAI'],
    ['tool-credential-remove', CONFIRM, '/openai/credential/remove', 'Remove the credential of OpenAI?'],
    ['tool-archive', CONFIRM, '/openai/archive', 'Archive OpenAI?'],
  ]),
  ...viewsOf('ada', 'admin/ai/keys', '/admin/ai/keys', [
    ['all-keys', 'all-keys', '', 'All keys'],
    ['all-keys-no-match', 'all-keys', '?q=zzz', 'All keys'],
    ['all-keys-revoke', 'revoke-keys', '/revoke?keyId={active}', `Revoke the Echo key of ${BEN.name}?`],
    ['look-up', 'look-up-key', '/look-up', 'Look up a leaked key'],
    [
      'look-up-found',
      'look-up-key',
      '/look-up',
      'Look up a leaked key',
      { fill: LEAKED, press: 'Look up', shows: `Belongs to ${BEN.name}` },
    ],
  ]),
  ...viewsOf('ada', 'admin/ai/service-accounts', '/admin/ai/service-accounts', [
    ['service-accounts', 'service-accounts', '', 'Service accounts'],
    ['service-accounts-no-match', 'service-accounts', '?q=zzz', 'Service accounts'],
    ['service-account-new', 'save-service-account', '/new', 'New service account'],
    [
      'service-account-new-refused',
      'save-service-account',
      '/new',
      'New service account',
      { fill: BAD_NAME, press: 'Create' },
    ],
    ['service-account', 'service-account', '/{account}', BOT],
    ['service-account-disabled', 'service-account', '/{disabledAccount}', 'support-bot'],
    ['service-account-edit', 'save-service-account', '/{account}/edit', `Edit ${BOT}`],
    ['service-account-issue-key', 'issue-key', '/{account}/issue-key', `Issue a key to ${BOT}`],
    ['issue-key-disabled', 'issue-key', '/{disabledAccount}/issue-key', 'Issue a key to support-bot'],
    [
      'service-account-reveal',
      'issue-key',
      '/{account}/issue-key',
      `Issue a key to ${BOT}`,
      { fill: FIRST_KEY, press: 'Issue key', shows: `The Echo key of ${BOT}` },
    ],
    ['service-account-disable', CONFIRM, '/{account}/disable', `Disable ${BOT}?`],
    [
      'service-account-key-revoke',
      'admin/ai/keys/revoke-keys',
      '/{account}/keys/{serviceKey}/revoke',
      `Revoke the OpenAI key of ${BOT}?`,
    ],
  ]),
  ...viewsOf('ada', 'admin/users', '/admin/users', [
    ['people', 'people', '', 'People'],
    ['person', 'person', '/{benId}', BEN.name],
    ['person-role', CONFIRM, '/{benId}/role/admin', `Make ${BEN.name} an admin?`],
    ['person-disable', CONFIRM, '/{benId}/disable', `Disable ${BEN.name}?`],
    [
      'person-reset-link',
      'person',
      '/{benId}',
      BEN.name,
      { press: 'Create reset link', shows: 'Send this link' },
    ],
    ['invite', 'invite-people', '/invite', 'Invite people'],
    [
      'invite-link',
      'invite-people',
      '/invite',
      'Invite people',
      { fill: { Email: 'fay@example.com' }, press: 'Create link', shows: 'Send this link' },
    ],
    ['invitation-withdraw', CONFIRM, '/invitations/{invitationId}/withdraw', 'Withdraw the invitation?'],
  ]),
  ...viewsOf('ada', 'admin/audit', '/admin/audit', [
    ['audit', 'audit-trail', '', 'Audit trail'],
    ['audit-filtered', 'audit-trail', '?action=key.revoked', 'Audit trail'],
    ['audit-no-match', 'audit-trail', '?actor=zzz', 'Audit trail'],
    ['audit-entry', 'audit-entry', '/1', 'Tool created'],
    ['audit-verify', 'verify-chain', '/verify', 'Verify the chain'],
  ]),
];
