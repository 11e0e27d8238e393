import type { Page } from 'playwright-core';
import type { KeyView } from '~/keys/keys.schema';
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
    /** The path of a link that resets Cleo's password. */
    reset: string;
    benId: string;
    unrevealed: string;
    pending: string;
    active: string;
    /** A raw key. */
    leaked: string;
    /** A service account with an active key and one that has ended, the active one, and a disabled account. */
    account: string;
    serviceKey: string;
    disabledAccount: string;
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

  const account = await made(ada, 'ci/release-notes', 'Writes the release notes, in the deploy pipeline');
  const [old, serviceKey] = [await issued(ada, account), await issued(ada, account)];
  await ada.mutate('keys.revoke', { keyId: old, reason: 'Another one was rolled out.' });
  const disabledAccount = await made(ada, 'support-bot', 'Answered first questions in the chat');
  await issued(ada, disabledAccount);
  await ada.mutate('serviceAccounts.disable', { serviceAccountId: disabledAccount, reason: 'Shut down.' });

  const people = (await ada.query('users.list')).data as { id: string; email: string }[];
  const cleoId = people.find(({ email }) => email === CLEO.email)?.id;
  const reset = (await ada.mutate('users.makeResetLink', { userId: cleoId })).data as { url: string };
  const invitations = (await ada.query('users.invitations')).data as { id: string }[];
  return {
    server,
    fresh,
    cookies: { ada: ada.cookie, ben: ben.cookie, cleo: cleo.cookie },
    at: {
      setup: fresh.setupPath(),
      invitation,
      invitationId: invitations[0]?.id ?? '',
      reset: pathOf(reset),
      benId: people.find(({ email }) => email === BEN.email)?.id ?? '',
      unrevealed: approved.key.id,
      pending: pending.key.id,
      active: echo.key.id,
      leaked: echo.rawKey ?? '',
      account,
      serviceKey,
      disabledAccount,
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
  return pathOf(data as { url: string });
}

const pathOf = ({ url }: { url: string }): string => url.slice(new URL(url).origin.length);

async function joined(url: string, path: string, { name, password }: Who): Promise<HttpClient> {
  const client = httpClient(url);
  await client.post(path, { name, password });
  return client;
}

async function requested(member: HttpClient, tool: string, environment: string, purpose: string) {
  const answer = await member.mutate('keys.request', { tool, environment, purpose });
  return answer.data as { key: KeyView; rawKey?: string };
}

async function made(admin: HttpClient, name: string, purpose: string): Promise<string> {
  const { data } = await admin.mutate('serviceAccounts.create', { name, purpose });
  return (data as { id: string }).id;
}

async function issued(admin: HttpClient, serviceAccountId: string): Promise<string> {
  const wanted = {
    serviceAccountId,
    tool: 'openai',
    environment: 'production',
    purpose: 'Summaries of changes',
  };
  const { data } = await admin.mutate('serviceAccounts.issueKey', wanted);
  return (data as { key: KeyView }).key.id;
}

async function callEcho(url: string, rawKey: string): Promise<void> {
  await fetch(`${url}/gateway/echo/v1/models`, { headers: { Authorization: `Bearer ${rawKey}` } });
}

/** The drawer or modal that stands open. */
export const inDrawer = (page: Page) => page.getByRole('dialog');

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
