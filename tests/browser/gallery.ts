import type { Page } from 'playwright-core';
import type { KeyView } from '~/keys/key-types';
import { type HttpClient, httpClient } from '../helpers/http';
import { type RunningServer, startServer } from '../helpers/server';
import { ADA, BEN, type Who } from './steps';

/** A member who has just joined, and a second admin. */
export const CLEO: Who = { name: 'Cleo Sims', email: 'cleo@example.com', password: 'copper kettle on ice 4' };
export const DORA: Who = {
  name: 'Dora Maar',
  email: 'dora@example.com',
  password: 'nine lanterns by the pier',
};

export type Visitor = 'ada' | 'ben' | 'cleo' | 'nobody';

/** A server that a team has used for a while, and another one that nobody has set up yet. */
export interface Gallery {
  server: RunningServer;
  fresh: RunningServer;
  /** Cookie headers of those who are signed in. */
  cookies: Record<Exclude<Visitor, 'nobody'>, string>;
  /** Ids and links that addresses are made of. */
  at: {
    setup: string;
    invitation: string;
    invitationId: string;
    benId: string;
    unrevealed: string;
    pending: string;
    active: string;
    /** A raw key. */
    leaked: string;
  };
  stop(): Promise<void>;
}

/** One page as it is worth looking at: a place, or what stands there after a few steps. */
export interface View {
  /** Also the name of its screenshot. */
  name: string;
  /** The file in `app/routes` that it shows. */
  route: string;
  who: Visitor;
  path(gallery: Gallery): string;
  /** A heading that is there once the page is. */
  heading: string;
  /** What to do there before looking. */
  steps?(page: Page, gallery: Gallery): Promise<void>;
  /** The status of its answer, unless 200. */
  status?: number;
}

/** Files in `app/routes` that show nothing of their own. */
export const ROUTES_WITHOUT_VIEW = ['_index.tsx', '_app.tsx', 'sign-out.tsx', '_app.admin.audit_.export.ts'];

export async function openGallery(): Promise<Gallery> {
  const [server, fresh] = [await startServer(), await startServer()];
  const ada = httpClient(server.url);
  await ada.post(server.setupPath(), { ...ADA });
  const ben = await joined(server.url, await invited(ada, BEN.email), BEN);
  const cleo = await joined(server.url, await invited(ada, CLEO.email), CLEO);
  const dora = await joined(server.url, await invited(ada, DORA.email, 'admin'), DORA);
  const invitation = await invited(ada, 'emil@example.com');

  const echo = await requested(ben, 'echo', 'development', 'Trying the server out');
  if (echo.rawKey !== undefined) await callEcho(server.url, echo.rawKey);
  await requested(ben, 'openai', 'staging', 'Evaluating prompts before a release');
  const gemini = await requested(ben, 'gemini', 'staging', 'Captions for product pictures');
  await ben.mutate('keys.revoke', { keyId: gemini.key.id });
  const rejected = await requested(ben, 'mistral', 'production', 'A quick experiment');
  const reason = 'Experiments belong into development; ask for that instead.';
  await ada.mutate('requests.reject', { keyId: rejected.key.id, reason });
  const approved = await requested(ben, 'openai', 'production', 'Nightly ticket summaries');
  await ada.mutate('requests.approve', { keyId: approved.key.id });
  const pending = await requested(ben, 'anthropic', 'production', 'Answering customers about invoices');
  await requested(dora, 'gemini', 'production', 'Transcripts of support calls');
  await ada.mutate('tools.setCredential', { tool: 'openai', credential: 'sk-of-the-organisation' });

  const people = (await ada.query('users.list')).data as { id: string; email: string }[];
  const invitations = (await ada.query('users.invitations')).data as { id: string }[];
  return {
    server,
    fresh,
    cookies: { ada: ada.cookie, ben: ben.cookie, cleo: cleo.cookie },
    at: {
      setup: fresh.setupPath(),
      invitation,
      invitationId: invitations[0]?.id ?? '',
      benId: people.find(({ email }) => email === BEN.email)?.id ?? '',
      unrevealed: approved.key.id,
      pending: pending.key.id,
      active: echo.key.id,
      leaked: echo.rawKey ?? '',
    },
    async stop() {
      for (const one of [server, fresh]) {
        await one.stop();
        one.removeData();
      }
    },
  };
}

async function invited(admin: HttpClient, email: string, role = 'member'): Promise<string> {
  const { data } = await admin.mutate('users.invite', { email, role });
  const { url } = data as { url: string };
  return url.slice(new URL(url).origin.length);
}

async function joined(url: string, path: string, { name, password }: Who): Promise<HttpClient> {
  const client = httpClient(url);
  await client.post(path, { name, password });
  return client;
}

async function requested(member: HttpClient, tool: string, environment: string, purpose: string) {
  const answer = await member.mutate('keys.request', { tool, environment, purpose });
  return answer.data as { key: KeyView; rawKey?: string };
}

async function callEcho(url: string, rawKey: string): Promise<void> {
  await fetch(`${url}/wire/echo/v1/models`, { headers: { Authorization: `Bearer ${rawKey}` } });
}

const inDrawer = (page: Page) => page.getByRole('dialog');

/** Every page, drawer, dialog and modal. A test fails when a route is in none of them. */
export const VIEWS: View[] = [
  {
    name: 'set-up',
    route: 'setup.tsx',
    who: 'nobody',
    path: ({ fresh, at }) => fresh.url + at.setup,
    heading: 'Create the first admin',
  },
  {
    name: 'set-up-dead-link',
    route: 'setup.tsx',
    who: 'nobody',
    path: ({ fresh }) => `${fresh.url}/setup?token=wrong`,
    heading: 'This link does not set up the server',
  },
  { name: 'sign-in', route: 'sign-in.tsx', who: 'nobody', path: () => '/sign-in', heading: 'Sign in' },
  {
    name: 'sign-in-refused',
    route: 'sign-in.tsx',
    who: 'nobody',
    path: () => '/sign-in',
    heading: 'Sign in',
    async steps(page) {
      await page.getByLabel('Email', { exact: true }).fill('nobody@example.com');
      await page.getByLabel('Password', { exact: true }).fill('not my password');
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('alert').waitFor();
    },
  },
  {
    name: 'join',
    route: 'invite.tsx',
    who: 'nobody',
    path: ({ at }) => at.invitation,
    heading: 'Join My AI Keys',
  },
  {
    name: 'join-dead-link',
    route: 'invite.tsx',
    who: 'nobody',
    path: () => '/invite?token=wrong',
    heading: 'This invitation does not work',
    status: 404,
  },
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
  {
    name: 'admin-set-up',
    route: '_app.admin._index.tsx',
    who: 'ada',
    path: () => '/admin',
    heading: 'Set-up',
  },
  {
    name: 'pending-requests',
    route: '_app.admin.ai.pending-keys.tsx',
    who: 'ada',
    path: () => '/admin/ai/pending-keys',
    heading: 'Pending key requests',
  },
  {
    name: 'pending-requests-no-match',
    route: '_app.admin.ai.pending-keys.tsx',
    who: 'ada',
    path: () => '/admin/ai/pending-keys?q=zzz',
    heading: 'Pending key requests',
  },
  {
    name: 'reject',
    route: '_app.admin.ai.pending-keys.reject.tsx',
    who: 'ada',
    path: ({ at }) => `/admin/ai/pending-keys/reject?keyId=${at.pending}`,
    heading: 'Reject the request',
  },
  {
    name: 'tools',
    route: '_app.admin.ai.tools.tsx',
    who: 'ada',
    path: () => '/admin/ai/tools',
    heading: 'Tools',
  },
  {
    name: 'tools-no-match',
    route: '_app.admin.ai.tools.tsx',
    who: 'ada',
    path: () => '/admin/ai/tools?q=zzz',
    heading: 'Tools',
  },
  {
    name: 'tool-add',
    route: '_app.admin.ai.tools.new.tsx',
    who: 'ada',
    path: () => '/admin/ai/tools/new',
    heading: 'Add a tool',
  },
  {
    name: 'tool-add-preset',
    route: '_app.admin.ai.tools.new.tsx',
    who: 'ada',
    path: () => '/admin/ai/tools/new?preset=azure-openai',
    heading: 'Add Azure OpenAI',
  },
  {
    name: 'tool-add-refused',
    route: '_app.admin.ai.tools.new.tsx',
    who: 'ada',
    path: () => '/admin/ai/tools/new?preset=custom',
    heading: 'Add a custom tool',
    async steps(page) {
      await inDrawer(page).getByRole('button', { name: 'Add tool' }).click();
      await inDrawer(page).getByRole('alert').waitFor();
    },
  },
  {
    name: 'tool',
    route: '_app.admin.ai.tools.$tool.tsx',
    who: 'ada',
    path: () => '/admin/ai/tools/openai',
    heading: 'OpenAI',
  },
  {
    name: 'tool-edit',
    route: '_app.admin.ai.tools.$tool_.edit.tsx',
    who: 'ada',
    path: () => '/admin/ai/tools/mistral/edit',
    heading: 'Edit Mistral',
    async steps(page) {
      await inDrawer(page).getByText('Limits and transport').click();
    },
  },
  {
    name: 'tool-credential',
    route: '_app.admin.ai.tools.$tool_.credential.tsx',
    who: 'ada',
    path: () => '/admin/ai/tools/openai/credential',
    heading: 'Replace the credential of OpenAI',
  },
  {
    name: 'tool-credential-remove',
    route: '_app.admin.ai.tools.$tool_.credential_.remove.tsx',
    who: 'ada',
    path: () => '/admin/ai/tools/openai/credential/remove',
    heading: 'Remove the credential of OpenAI?',
  },
  {
    name: 'tool-archive',
    route: '_app.admin.ai.tools.$tool_.archive.tsx',
    who: 'ada',
    path: () => '/admin/ai/tools/openai/archive',
    heading: 'Archive OpenAI?',
  },
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
  {
    name: 'people',
    route: '_app.admin.users.tsx',
    who: 'ada',
    path: () => '/admin/users',
    heading: 'People',
  },
  {
    name: 'person',
    route: '_app.admin.users.$userId.tsx',
    who: 'ada',
    path: ({ at }) => `/admin/users/${at.benId}`,
    heading: BEN.name,
  },
  {
    name: 'person-role',
    route: '_app.admin.users.$userId_.role.$role.tsx',
    who: 'ada',
    path: ({ at }) => `/admin/users/${at.benId}/role/admin`,
    heading: `Make ${BEN.name} an admin?`,
  },
  {
    name: 'person-disable',
    route: '_app.admin.users.$userId_.disable.tsx',
    who: 'ada',
    path: ({ at }) => `/admin/users/${at.benId}/disable`,
    heading: `Disable ${BEN.name}?`,
  },
  {
    name: 'invite',
    route: '_app.admin.users.invite.tsx',
    who: 'ada',
    path: () => '/admin/users/invite',
    heading: 'Invite somebody',
  },
  {
    name: 'invite-link',
    route: '_app.admin.users.invite.tsx',
    who: 'ada',
    path: () => '/admin/users/invite',
    heading: 'Invite somebody',
    async steps(page) {
      await inDrawer(page).getByLabel('Email').fill('fay@example.com');
      await inDrawer(page).getByRole('button', { name: 'Create link' }).click();
      await page.getByRole('dialog', { name: 'Hand this link over' }).waitFor();
    },
  },
  {
    name: 'invitation-withdraw',
    route: '_app.admin.users.invitations.$invitationId.withdraw.tsx',
    who: 'ada',
    path: ({ at }) => `/admin/users/invitations/${at.invitationId}/withdraw`,
    heading: 'Withdraw the invitation?',
  },
  {
    name: 'audit',
    route: '_app.admin.audit.tsx',
    who: 'ada',
    path: () => '/admin/audit',
    heading: 'Audit trail',
  },
  {
    name: 'audit-no-match',
    route: '_app.admin.audit.tsx',
    who: 'ada',
    path: () => '/admin/audit?actor=zzz',
    heading: 'Audit trail',
  },
  {
    name: 'audit-entry',
    route: '_app.admin.audit.$seq.tsx',
    who: 'ada',
    path: () => '/admin/audit/1',
    heading: 'Tool created',
  },
  {
    name: 'audit-verify',
    route: '_app.admin.audit.verify.tsx',
    who: 'ada',
    path: () => '/admin/audit/verify',
    heading: 'Verify the chain',
  },
];

/** Opens a view and waits until it stands, runs and has done its steps. */
export async function openView(page: Page, gallery: Gallery, view: View): Promise<void> {
  const path = view.path(gallery);
  const url = path.startsWith('/') ? gallery.server.url + path : path;
  const response = await page.goto(url);
  if (response?.status() !== (view.status ?? 200)) throw new Error(`${view.name} was ${response?.status()}`);
  await page.getByRole('heading', { name: view.heading, exact: true }).first().waitFor();
  await runs(page);
  await view.steps?.(page, gallery);
}

/** Signs the browser in as somebody by the cookie that their sign-in gave; out for nobody. */
export async function visitAs(page: Page, { server, cookies }: Gallery, who: Visitor): Promise<void> {
  await page.context().clearCookies();
  if (who === 'nobody') return;
  const [name = '', value = ''] = cookies[who].split('=');
  await page.context().addCookies([{ name, value, url: server.url, httpOnly: true, sameSite: 'Lax' }]);
}

/** Waits until React has taken the page over. */
async function runs(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const element = document.querySelector('main');
    return element !== null && Object.keys(element).some((key) => key.startsWith('__react'));
  });
}
