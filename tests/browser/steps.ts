import type { Locator, Page } from 'playwright-core';
import type { Environment } from '~db/schema/enums';

/*
 * What people do on the pages. Fields, buttons and headings are found by their accessible names, so everything works with
 * and without JavaScript, and a changed text is changed here once.
 */

export interface Who {
  name: string;
  email: string;
  password: string;
}

export const ADA: Who = { name: 'Ada Byron', email: 'ada@example.com', password: 'quiet violet harbour 27' };
export const BEN: Who = { name: 'Ben Okri', email: 'ben@example.com', password: 'seven otters under glass' };

/** Opens the one-time setup link and creates the first admin. */
export async function setUp(page: Page, path: string, who: Who): Promise<void> {
  await page.goto(path);
  await page.getByLabel('Name', { exact: true }).fill(who.name);
  await page.getByLabel('Email', { exact: true }).fill(who.email);
  await page.getByLabel('Password', { exact: true }).fill(who.password);
  await page.getByRole('button', { name: 'Create admin and sign in' }).click();
  await page.waitForURL('**/admin');
}

/** Creates an invitation; returns its link. */
export async function invite(
  page: Page,
  email: string,
  role: 'member' | 'admin' = 'member',
): Promise<string> {
  await page.goto('/admin/users');
  await page.getByRole('link', { name: 'Invite', exact: true }).click();
  await page.getByLabel('Email', { exact: true }).fill(email);
  await page.getByLabel('Role', { exact: true }).selectOption(role);
  await page.getByRole('button', { name: 'Create link' }).click();
  const dialog = page.getByRole('dialog', { name: 'Send this link' });
  const link = ((await dialog.locator('code').textContent()) ?? '').trim();
  await dialog.getByRole('link', { name: 'Done' }).click();
  return link;
}

/** Accepts an invitation. */
export async function join(page: Page, link: string, who: Who): Promise<void> {
  await page.goto(link);
  await page.getByLabel('Name', { exact: true }).fill(who.name);
  await page.getByLabel('Password', { exact: true }).fill(who.password);
  await page.getByRole('button', { name: 'Join', exact: true }).click();
  await page.getByRole('heading', { name: 'Available tools' }).waitFor();
}

/** Opens the request drawer of a tool. */
export async function openDrawer(page: Page, tool: string): Promise<Locator> {
  await page.goto('/me/ai-keys');
  await page.getByRole('button', { name: `Request ${tool}`, exact: true }).click();
  const drawer = page.getByRole('dialog', { name: `Request a key for ${tool}` });
  await drawer.waitFor();
  return drawer;
}

export async function fillRequest(
  drawer: Locator,
  { environment, purpose }: { environment: Environment; purpose: string },
): Promise<void> {
  await drawer.getByLabel('Environment', { exact: true }).selectOption(environment);
  await drawer.getByLabel('Purpose', { exact: true }).fill(purpose);
}

/** The raw key in the open reveal modal. */
export async function revealedKey(page: Page, tool: string): Promise<string> {
  const modal = page.getByRole('dialog', { name: `Your ${tool} key` });
  await modal.waitFor();
  return ((await modal.getByText(/^aik_(dev|stg|prod)_\w{38}$/).textContent()) ?? '').trim();
}

/** The row of the newest own key of this tool and environment. */
export function keyRow(page: Page, tool: string, environment: Environment): Locator {
  return page
    .getByRole('row')
    .filter({ has: page.getByText(tool, { exact: true }) })
    .filter({ has: page.getByText(environment, { exact: true }) })
    .first();
}

/** Waits until a row shows this status. */
export async function waitForStatus(row: Locator, status: string): Promise<void> {
  await row.getByText(status, { exact: true }).waitFor();
}

/** A person's pending request in the admins' queue. */
export function pendingRequest(page: Page, tool: string, who: Who): Locator {
  return page
    .getByRole('list', { name: 'Pending key requests' })
    .getByRole('listitem')
    .filter({ has: page.getByText(who.email) })
    .filter({ has: page.getByText(tool, { exact: true }) })
    .first();
}
