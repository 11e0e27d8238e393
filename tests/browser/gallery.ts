import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { closeApp } from '~/server/create-app.server';
import type { Environment } from '~db/schema/enums';
import { openApp } from '../helpers/open-app';
import { type RunningServer, startServer } from '../helpers/server';
import { inviteAndJoin, linkToken, setUpAdmin, type Visitor } from '../helpers/visitor';
import { ADA, BEN, type Who } from './steps';

/** A member without keys, and a second admin. */
export const CLEO: Who = { name: 'Cleo Sims', email: 'cleo@example.com', password: 'copper kettle on ice 4' };
export const DORA: Who = {
  name: 'Dora Maar',
  email: 'dora@example.com',
  password: 'nine lanterns by the pier',
};

export type Viewer = 'ada' | 'ben' | 'cleo' | 'nobody';

/** A server that a team has used for a while, and one that is not set up. */
export interface Gallery {
  server: RunningServer;
  fresh: RunningServer;
  /** Cookie headers. */
  cookies: Record<Exclude<Viewer, 'nobody'>, string>;
  /** Ids and tokens for the `{placeholders}` of views. `leaked` is a raw key; `resetToken` resets Cleo's password. */
  at: Record<string, string>;
  stop(): Promise<void>;
}

/** One page, drawer or dialog: an address, and the steps that lead to it. */
export interface View {
  /** Also the name of its screenshot. */
  name: string;
  /** Its file in `app/routes`. */
  route: string;
  who: Viewer;
  /** May contain `{placeholders}`, as may the values of `fill`. */
  path: string;
  /** A heading that appears with the page. */
  heading: string;
  /** Whether it is on the server that isn't set up. */
  fresh?: boolean;
  /** Values of fields by their labels; then the button to press, and the text that appears instead of an error. */
  fill?: Record<string, string>;
  press?: string;
  shows?: string;
  /** Other steps that lead to the view. */
  steps?(page: Page, gallery: Gallery): Promise<void>;
  /** The HTTP status, unless 200. */
  status?: number;
}

/** Fills a data directory through the API, then starts the built server on it. */
export async function openGallery(): Promise<Gallery> {
  const dataDir = mkdtempSync(join(tmpdir(), 'my-ai-keys-gallery-'));
  const app = await openApp(dataDir);
  const ada = await setUpAdmin(app, ADA);
  const ben = await inviteAndJoin(app, ada, BEN.email, 'member', BEN);
  const cleo = await inviteAndJoin(app, ada, CLEO.email, 'member', CLEO);
  const dora = await inviteAndJoin(app, ada, DORA.email, 'admin', DORA);
  const invitation = await ada.call((api) => api.users.invite({ email: 'emil@example.com', role: 'member' }));
  const [{ id: invitationId = '' } = {}] = await ada.call((api) => api.users.invitations());
  const reset = await ada.call((api) => api.users.makeResetLink({ userId: cleo.id }));

  const request = (who: Visitor, tool: string, environment: Environment, purpose: string) =>
    who.call((api) => api.keys.request({ tool, environment, purpose }));
  const echo = await request(ben, 'echo', 'development', 'Trying the server out');
  if (echo.outcome !== 'issued') throw new Error('the key was not issued');
  await request(ben, 'openai', 'staging', 'Evaluating prompts before a release');
  const gemini = await request(ben, 'gemini', 'staging', 'Captions for product pictures');
  await ben.call((api) => api.keys.revoke({ keyId: gemini.key.id }));
  const rejected = await request(ben, 'mistral', 'production', 'A quick experiment');
  const reason = 'Experiments belong into development; ask for that instead.';
  await ada.call((api) => api.requests.reject({ keyId: rejected.key.id, reason }));
  const approved = await request(ben, 'openai', 'production', 'Nightly ticket summaries');
  await ada.call((api) => api.requests.approve({ keyId: approved.key.id }));
  const pending = await request(ben, 'anthropic', 'production', 'Answering customers about invoices');
  await request(dora, 'gemini', 'production', 'Transcripts of support calls');
  await ada.call((api) => api.tools.setCredential({ tool: 'openai', credential: 'sk-of-the-organisation' }));

  const create = async (name: string, purpose: string) =>
    (await ada.call((api) => api.serviceAccounts.create({ name, purpose }))).id;
  const wanted = { tool: 'openai', environment: 'production', purpose: 'Summaries of changes' } as const;
  const issue = async (serviceAccountId: string) =>
    (await ada.call((api) => api.serviceAccounts.issueKey({ serviceAccountId, ...wanted }))).key.id;
  const account = await create('ci/release-notes', 'Writes the release notes, in the deploy pipeline');
  const [old, serviceKey] = [await issue(account), await issue(account)];
  await ada.call((api) => api.keys.revoke({ keyId: old, reason: 'Another one was rolled out.' }));
  const disabledAccount = await create('support-bot', 'Answered first questions in the chat');
  await issue(disabledAccount);
  const disable = { serviceAccountId: disabledAccount, reason: 'Shut down.' };
  await ada.call((api) => api.serviceAccounts.disable(disable));
  await closeApp(app);

  const [server, fresh] = [await startServer({ settings: { DATA_DIR: dataDir } }), await startServer()];
  await fetch(`${server.url}/gateway/echo/v1/models`, {
    headers: { Authorization: `Bearer ${echo.rawKey}` },
  });
  return {
    server,
    fresh,
    cookies: { ada: ada.cookies(), ben: ben.cookies(), cleo: cleo.cookies() },
    at: {
      setupToken: linkToken({ url: fresh.url + fresh.setupPath() }),
      invitationToken: linkToken(invitation),
      invitationId,
      resetToken: linkToken(reset),
      benId: ben.id,
      unrevealed: approved.key.id,
      pending: pending.key.id,
      active: echo.key.id,
      leaked: echo.rawKey,
      account,
      serviceKey,
      disabledAccount,
    },
    async stop() {
      for (const one of [server, fresh]) {
        await one.kill();
        one.removeData();
      }
    },
  };
}

/** Opens a view, waits until React has hydrated it, and takes its steps. */
export async function openView(page: Page, gallery: Gallery, view: View): Promise<void> {
  const insertIds = (text: string) => text.replace(/\{(\w+)\}/g, (_, name) => gallery.at[name] ?? '');
  const { url } = view.fresh ? gallery.fresh : gallery.server;
  const response = await page.goto(url + insertIds(view.path));
  if (response?.status() !== (view.status ?? 200)) throw new Error(`${view.name} was ${response?.status()}`);
  await page.getByRole('heading', { name: view.heading, exact: true }).first().waitFor();
  await hydrated(page);
  const dialog = page.getByRole('dialog');
  const form = (await dialog.count()) > 0 ? dialog : page;
  for (const [label, value] of Object.entries(view.fill ?? {})) {
    const field = form.getByLabel(label, { exact: true });
    const isList = await field.evaluate((element) => element instanceof HTMLSelectElement);
    await (isList ? field.selectOption(value) : field.fill(insertIds(value)));
  }
  if (view.press !== undefined) {
    await form.getByRole('button', { name: view.press }).click();
    await (view.shows === undefined ? page.getByRole('alert') : page.getByText(view.shows)).first().waitFor();
  }
  await view.steps?.(page, gallery);
}

/** Signs the browser in with the person's session cookie; signs out for 'nobody'. */
export async function visitAs(page: Page, { server, cookies }: Gallery, who: Viewer): Promise<void> {
  await page.goto('about:blank'); // so that the open page doesn't load anything as the new person
  await page.context().clearCookies();
  if (who === 'nobody') return;
  const [name = '', value = ''] = cookies[who].split('=');
  await page.context().addCookies([{ name, value, url: server.url, httpOnly: true, sameSite: 'Lax' }]);
}

/** Waits until React has hydrated the page. */
async function hydrated(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const element = document.querySelector('main');
    return element !== null && Object.keys(element).some((key) => key.startsWith('__react'));
  });
}
