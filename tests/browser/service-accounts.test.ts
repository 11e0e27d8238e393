import type { Locator, Page } from 'playwright-core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Person, sharedBrowser } from '../helpers/browser';
import { type RecordingProxy, startRecordingProxy } from '../helpers/recording-proxy';
import { type RunningServer, startServer } from '../helpers/server';
import { expectShownOnce } from './shown-once';
import { ADA, setUp } from './steps';

const browser = sharedBrowser();

const NAME = 'ci/release-notes';

interface Setup {
  server: RunningServer;
  tap: RecordingProxy;
  ada: Person;
}

/** A new server behind a recording proxy, and the first admin in a browser. */
async function start(javaScript: boolean): Promise<Setup> {
  const tap = await startRecordingProxy();
  const server = await startServer({ settings: { ORIGIN: tap.url } });
  tap.target(server.url);
  onTestFinished(async () => {
    await server.kill();
    await tap.close();
    server.removeData();
  });
  const ada = await browser.newPerson(tap.url, { javaScript });
  await setUp(ada.page, server.setupPath(), ADA);
  return { server, tap, ada };
}

const drawer = (page: Page, name = NAME) => page.getByRole('dialog', { name, exact: true });

/** Issues an Echo key from the account's drawer and copies it from the only page that shows it. */
async function issueKey({ ada: { page } }: Setup, purpose: string, javaScript: boolean): Promise<string> {
  await drawer(page).getByRole('button', { name: 'Issue key' }).click();
  const form = drawer(page, `Issue a key to ${NAME}`);
  expect(await form.getByLabel('Environment').inputValue()).toBe('production');
  await form.getByLabel('Tool').selectOption('echo');
  await form.getByLabel('Purpose').fill(purpose);
  await form.getByRole('button', { name: 'Issue key' }).click();
  const modal = drawer(page, `The Echo key of ${NAME}`);
  const shown = modal.getByText(/^ais_prod_\w{38}$/);
  await shown.waitFor();
  if (javaScript) {
    await page.keyboard.press('Escape');
    await page.mouse.click(5, 5);
  }
  const rawKey = ((await shown.textContent()) ?? '').trim();
  await modal.getByText('Use it').waitFor();
  await modal.getByRole('button', { name: 'I have saved the key' }).click();
  await drawer(page).getByText(purpose).waitFor();
  expect(await page.content()).not.toContain(rawKey);
  return rawKey;
}

/** Confirms by typing the name, first a wrong one: that changes nothing and keeps the reason. */
async function confirmByTyping(dialog: Locator, reason: string, button: string): Promise<void> {
  await dialog.getByLabel('Reason', { exact: true }).fill(reason);
  await dialog.getByLabel(`Type ${NAME} to confirm`).fill('something else');
  await dialog.getByRole('button', { name: button, exact: true }).click();
  await dialog.getByText(`That doesn’t match. Type ${NAME}.`).waitFor();
  expect(await dialog.getByLabel('Reason', { exact: true }).inputValue()).toBe(reason);
  await dialog.getByLabel(`Type ${NAME} to confirm`).fill(NAME);
  await dialog.getByRole('button', { name: button, exact: true }).click();
}

describe.each([
  ['with JavaScript', true],
  ['without JavaScript', false],
])('service accounts, %s', (_, javaScript) => {
  it('are created, rotate a key and are disabled, and the gateway accepts and refuses their keys immediately', async () => {
    const setup = await start(javaScript);
    const { server, tap, ada } = setup;
    const { page } = ada;
    const call = async (rawKey: string) =>
      (await fetch(`${server.url}/verify/echo`, { headers: { Authorization: `Bearer ${rawKey}` } })).status;

    await page.goto('/admin');
    await page.getByRole('navigation').getByRole('link', { name: 'Service accounts' }).click();
    await page.getByText('No service accounts yet').waitFor();
    await page.getByRole('button', { name: 'New service account' }).first().click();
    const form = drawer(page, 'New service account');
    await form.getByLabel('Name').fill('ci, release notes');
    await form.getByLabel('Purpose').fill('Writes the release notes');
    await form.getByRole('button', { name: 'Create' }).click();
    await form.getByText('Use 2 to 60 letters').waitFor();
    expect(await form.getByLabel('Purpose').inputValue()).toBe('Writes the release notes');
    await form.getByLabel('Name').fill(NAME);
    await form.getByRole('button', { name: 'Create' }).click();
    await drawer(page).getByText('Issue its first key.').waitFor();

    const first = await issueKey(setup, 'the first one', javaScript);
    const second = await issueKey(setup, 'rolled out after it', javaScript);
    expect([await call(first), await call(second)]).toEqual([200, 200]);

    const prefix = first.slice(0, 'ais_prod_'.length + 6);
    await drawer(page)
      .getByRole('button', { name: `Revoke Echo, production, ${prefix}` })
      .click();
    const revoke = page.getByRole('alertdialog', { name: `Revoke the Echo key of ${NAME}?` });
    await confirmByTyping(revoke, 'Another one is rolled out', 'Revoke');
    await drawer(page).getByText('1 key revoked.').waitFor();
    await drawer(page)
      .getByText(/^Revoked by Ada Byron .*: Another one is rolled out$/)
      .waitFor();
    expect([await call(first), await call(second)]).toEqual([401, 200]);

    await page.goto('/me/ai-keys');
    await page.getByRole('heading', { name: 'Available tools' }).waitFor();
    expect(await page.content()).not.toContain('ais_');
    await page.goto(`/admin/ai/keys?q=${encodeURIComponent(NAME)}`);
    await page.getByText('2 keys').waitFor();
    await page.getByRole('row').filter({ hasText: 'Service account' }).first().waitFor();

    await page.goto('/admin/ai/service-accounts?show=enabled');
    await page.getByRole('link', { name: NAME, exact: true }).click();
    await drawer(page).getByRole('button', { name: 'Disable…' }).click();
    const disable = page.getByRole('alertdialog', { name: `Disable ${NAME}?` });
    await disable.getByText('Its 1 active key will be revoked').waitFor();
    await confirmByTyping(disable, 'The pipeline is shut down', 'Disable');
    await drawer(page).getByText('Service account disabled').waitFor();
    expect(await call(second)).toBe(401);
    expect(await drawer(page).getByRole('button', { name: 'Issue key' }).count()).toBe(0);
    await drawer(page).getByRole('button', { name: 'Enable', exact: true }).click();
    await drawer(page).getByText('Enabled. Revoked keys stay revoked.').waitFor();
    expect(await call(second)).toBe(401);
    // Closing returns to the filtered list.
    await drawer(page).getByRole('link', { name: 'Close' }).click();
    await page.waitForURL('**/admin/ai/service-accounts?show=enabled');

    // Browsers log the 400 of a refused form to the console.
    ada.expectProblem(/status of 400/);
    ada.expectNoProblems();
    await ada.context.close();
    await server.stop();
    for (const rawKey of [first, second]) expectShownOnce(setup, rawKey);
    expect(tap.exchanges.length).toBeGreaterThan(20);
  });
});
