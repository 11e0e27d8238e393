import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Person, sharedBrowser } from '../helpers/browser';
import { httpClient } from '../helpers/http';
import { type Gallery, openGallery, visitAs } from './gallery';
import { ADA, keyRow, revealedKey, waitForStatus } from './steps';

const browser = sharedBrowser();
let gallery: Gallery;
let person: Person;
let page: Page;

beforeAll(async () => {
  gallery = await openGallery();
  person = await browser.newPerson(gallery.server.url);
  page = person.page;
});

afterAll(() => gallery.stop());

const MAX_STOPS = 150;

/** Presses Tab until `target` has the focus; every stop must have a visible focus indicator. */
async function tabTo(target: Locator): Promise<void> {
  await target.waitFor();
  for (let stop = 0; stop < MAX_STOPS; stop++) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
    expect(await hiddenFocus()).toBeNull();
  }
  throw new Error(`Tab never reached ${target}`);
}

/** The focused element if its focus isn't visible; otherwise null. */
function hiddenFocus(): Promise<string | null> {
  return page.evaluate(() => {
    const element = document.activeElement;
    if (element === null || element === document.body) return null;
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
    const outlined = outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 1;
    return outlined || boxShadow !== 'none' ? null : element.outerHTML.slice(0, 200);
  });
}

const focused = (): Promise<string> => page.evaluate(() => document.activeElement?.textContent?.trim() ?? '');

it('allows signing in and requesting, copying and revoking a key by keyboard', async () => {
  await page.goto('/sign-in');
  await tabTo(page.getByLabel('Email', { exact: true }));
  await page.keyboard.type(ADA.email);
  await tabTo(page.getByLabel('Password', { exact: true }));
  await page.keyboard.type(ADA.password);
  await page.keyboard.press('Enter');

  await tabTo(page.getByRole('button', { name: 'Request Echo' }));
  await page.keyboard.press('Enter');
  const drawer = page.getByRole('dialog', { name: 'Request a key for Echo' });
  await tabTo(drawer.getByLabel('Environment'));
  await page.keyboard.press('ArrowDown');
  await tabTo(drawer.getByLabel('Purpose'));
  await page.keyboard.type('Trying the keyboard');
  await page.keyboard.press('Enter');

  const rawKey = await revealedKey(page, 'Echo');
  const modal = page.getByRole('dialog', { name: 'Your Echo key' });
  await tabTo(modal.getByRole('button', { name: 'Copy key' }));
  await page.keyboard.press('Enter');
  await modal.getByRole('button', { name: 'Copied' }).waitFor();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(rawKey);
  await tabTo(modal.getByRole('button', { name: 'I have saved the key' }));
  await page.keyboard.press('Space');
  await modal.waitFor({ state: 'detached' });
  await waitForStatus(keyRow(page, 'Echo', 'staging'), 'ACTIVE');

  await tabTo(keyRow(page, 'Echo', 'staging').getByRole('button', { name: 'Revoke' }));
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('alertdialog');
  await dialog.waitFor();
  await page.waitForFunction(() => document.activeElement?.textContent === 'Cancel');
  await tabTo(dialog.getByRole('button', { name: 'Revoke' }));
  await page.keyboard.press('Enter');
  await waitForStatus(keyRow(page, 'Echo', 'staging'), 'REVOKED');
  person.expectNoProblems();
});

it('keeps the focus inside an open drawer, closes it with Escape, and restores the focus', async () => {
  await visitAs(page, gallery, 'cleo');
  await page.goto('/me/ai-keys');
  const opener = page.getByRole('button', { name: 'Request Mistral' });
  await tabTo(opener);
  await page.keyboard.press('Enter');
  const drawer = page.getByRole('dialog', { name: 'Request a key for Mistral' });
  await drawer.waitFor();
  await page.waitForFunction(() => document.activeElement?.closest('[role=dialog]') !== null);
  for (let stop = 0; stop < 12; stop++) {
    await page.keyboard.press(stop < 6 ? 'Tab' : 'Shift+Tab');
    expect(await drawer.evaluate((element) => element.contains(document.activeElement))).toBe(true);
  }
  await page.keyboard.press('Escape');
  await drawer.waitFor({ state: 'detached' });
  await page.waitForFunction(() => document.activeElement !== document.body);
  expect(await focused()).toBe('Request Mistral');
  person.expectNoProblems();
});

it('approves and rejects requests by keyboard, and skips the navigation with the first Tab', async () => {
  await visitAs(page, gallery, 'ada');
  await page.goto('/admin/ai/pending-keys');
  await page.keyboard.press('Tab');
  expect(await focused()).toBe('Skip to content');
  await page.keyboard.press('Enter');
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('main');

  const queue = page.getByRole('list', { name: 'Pending key requests' });
  const before = await queue.getByRole('button', { name: 'Approve' }).count();
  await tabTo(queue.getByRole('button', { name: 'Approve' }).first());
  await page.keyboard.press('Space');
  await page.getByText('1 request approved').waitFor();
  await queue
    .getByRole('button', { name: 'Approve' })
    .nth(before - 1)
    .waitFor({ state: 'detached' });

  await tabTo(queue.getByRole('button', { name: 'Reject' }).first());
  await page.keyboard.press('Enter');
  const drawer = page.getByRole('dialog', { name: 'Reject the request' });
  await tabTo(drawer.getByLabel('Reason'));
  await page.keyboard.type('Not before the review in May.');
  await tabTo(drawer.getByRole('button', { name: 'Reject' }));
  await page.keyboard.press('Enter');
  await page.getByText('1 request rejected').waitFor();
  person.expectNoProblems();
});

const rowOfFocus = (): Promise<number> =>
  page.evaluate(() =>
    [...document.querySelectorAll('[data-row]')].findIndex((row) => row.contains(document.activeElement)),
  );

it('moves through the rows of a list and acts on them with single keys, until shortcuts are turned off', async () => {
  await visitAs(page, gallery, 'ben');
  await page.goto('/me/ai-keys', { waitUntil: 'networkidle' });
  const rows = await page.locator('[data-row]').count();
  await page.locator('[data-row] button').first().focus();
  for (let row = 1; row < rows; row++) {
    await page.keyboard.press('j');
    expect(await rowOfFocus()).toBe(row);
    expect(await hiddenFocus()).toBeNull();
  }
  await page.keyboard.press('k');
  expect(await rowOfFocus()).toBe(rows - 2);

  await page.keyboard.press('/');
  const search = page.getByLabel('Search tools');
  await page.waitForFunction(() => document.activeElement?.getAttribute('name') === 'q');
  await page.keyboard.press('j');
  expect(await search.inputValue()).toBe('j');
  await search.fill('');

  // On a tool's row it requests that tool; on a key's row, another environment of the key's tool.
  for (const [from, tool] of [
    [page.getByRole('button', { name: 'Request Mistral' }), 'Mistral'],
    [keyRow(page, 'Echo', 'development').getByRole('button', { name: 'Revoke' }), 'Echo'],
  ] as const) {
    await from.focus();
    await page.keyboard.press('n');
    const drawer = page.getByRole('dialog', { name: `Request a key for ${tool}` });
    await drawer.waitFor();
    await page.keyboard.press('Escape');
    await drawer.waitFor({ state: 'detached' });
    await page.waitForFunction(() => document.activeElement !== document.body);
    expect(await from.evaluate((element) => element === document.activeElement)).toBe(true);
  }

  const before = await rowOfFocus();
  await page.keyboard.press('?');
  const list = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  await list.getByLabel('Use keyboard shortcuts').uncheck();
  await list.getByRole('button', { name: 'Close' }).click();
  await list.waitFor({ state: 'detached' });
  await page.waitForFunction(() => document.activeElement !== document.body);
  expect(await rowOfFocus()).toBe(before);
  await page.keyboard.press('j');
  expect(await rowOfFocus()).toBe(before);

  // At 200 % zoom a wide screen counts as narrow, where the menu has the shortcuts.
  await page.setViewportSize({ width: 640, height: 400 });
  await page.getByText('Menu', { exact: true }).click();
  await page.getByRole('button', { name: 'Keyboard shortcuts' }).click();
  await list.getByLabel('Use keyboard shortcuts').check();
  await page.keyboard.press('Escape');
  await page.setViewportSize({ width: 1280, height: 800 });
  person.expectNoProblems();
});

it('announces the new page to screen readers after a link was followed', async () => {
  await visitAs(page, gallery, 'ben');
  await page.goto('/me/ai-keys', { waitUntil: 'networkidle' });
  await page.getByRole('link', { name: 'Account' }).click();
  await page.getByRole('heading', { name: 'Account' }).waitFor();
  await page
    .getByRole('status')
    .filter({ hasText: /^Account · My AI Keys$/ })
    .waitFor({ state: 'attached' });
  person.expectNoProblems();
});

it('closes the menu of a row when the focus leaves it', async () => {
  await visitAs(page, gallery, 'ben');
  await page.goto('/me/ai-keys', { waitUntil: 'networkidle' });
  const menu = page.locator('details', { has: page.getByLabel('More for Echo, development') });
  await menu.locator('summary').focus();
  await page.keyboard.press('Enter');
  await menu.getByRole('link', { name: 'How to use this key' }).waitFor();
  while (await menu.evaluate((element) => element.contains(document.activeElement))) {
    await page.keyboard.press('Tab');
  }
  await menu.getByRole('link', { name: 'How to use this key' }).waitFor({ state: 'hidden' });
  person.expectNoProblems();
});

it('moves the focus to the next request in the queue after a decision', async () => {
  const cleo = Object.assign(httpClient(gallery.server.url), { cookie: gallery.cookies.cleo });
  for (const tool of ['openai', 'mistral', 'anthropic']) {
    await cleo.mutate('keys.request', { tool, environment: 'production', purpose: `Work with ${tool}` });
  }
  await visitAs(page, gallery, 'ada');
  await page.goto('/admin/ai/pending-keys', { waitUntil: 'networkidle' });
  const queue = page.getByRole('list', { name: 'Pending key requests' }).getByRole('listitem');
  const waiting = await queue.count();
  await queue.getByRole('checkbox').first().focus();
  await page.keyboard.press('a');
  await page.getByText('1 request approved').waitFor();
  await queue.nth(waiting - 1).waitFor({ state: 'detached' });
  await page.waitForFunction(() => document.activeElement !== document.body);
  expect(await rowOfFocus()).toBe(0);

  await page.keyboard.press('d');
  const drawer = page.getByRole('dialog', { name: 'Reject the request' });
  await drawer.getByLabel('Reason').fill('Not this month.');
  await drawer.getByRole('button', { name: 'Reject' }).click();
  await page.getByText('1 request rejected').waitFor();
  await queue.nth(waiting - 2).waitFor({ state: 'detached' });
  await page.waitForFunction(() => document.activeElement !== document.body);
  expect(await rowOfFocus()).toBe(0);
  person.expectNoProblems();
});
