import type { Page } from 'playwright-core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { serveUpstream } from '../gateway/harness';
import { expectAccessibleInBothThemes, sharedBrowser } from '../helpers/browser';
import { signIn } from '../helpers/http';
import { dataFiles, startServer } from '../helpers/server';
import { ADA, setUp } from './steps';

const SECRET = 'sk-house-0123456789abcdefghij';

const browser = sharedBrowser();

/** A local upstream that accepts one credential and records the credentials it receives. */
async function startUpstream(): Promise<{ url: string; seen: (string | undefined)[] }> {
  const seen: (string | undefined)[] = [];
  const url = await serveUpstream((request, response) => {
    seen.push(request.headers.authorization);
    const allowed = request.headers.authorization === `Bearer ${SECRET}`;
    response.writeHead(allowed ? 200 : 401, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify(allowed ? { object: 'list', data: [{ id: 'house-1' }] } : { error: {} }));
  });
  return { url, seen };
}

async function start(javaScript: boolean) {
  const server = await startServer();
  onTestFinished(async () => {
    await server.kill();
    server.removeData();
  });
  const ada = await browser.newPerson(server.url, { javaScript });
  await setUp(ada.page, server.setupPath(), ADA);
  return { server, ada, upstream: await startUpstream() };
}

const drawer = (page: Page, name: string) => page.getByRole('dialog', { name });

async function addTool(page: Page, upstreamUrl: string): Promise<void> {
  await page.goto('/admin/ai/tools?show=live');
  await page.getByRole('button', { name: 'Add tool' }).click();
  await drawer(page, 'Add a tool').getByRole('link', { name: 'Custom' }).click();
  const form = drawer(page, 'Add a custom tool');
  await form.getByLabel('Name', { exact: true }).fill('House model');
  await form.getByLabel('Slug').fill('House!');
  await form.getByLabel('Upstream URL').fill(upstreamUrl);
  await form.getByLabel('Require approval for production keys').uncheck();
  await form.getByRole('button', { name: 'Add tool' }).click();
  await form.getByText('Use 2 to 40 lowercase letters').waitFor();
  // The other fields keep what was typed.
  expect(await form.getByLabel('Upstream URL').inputValue()).toBe(upstreamUrl);
  expect(await form.getByLabel('Require approval for production keys').isChecked()).toBe(false);
  await form.getByLabel('Slug').fill('house');
  await form.getByRole('button', { name: 'Add tool' }).click();
  await drawer(page, 'House model').getByText('No credential').waitFor();
}

async function setCredential(page: Page, credential: string): Promise<void> {
  await drawer(page, 'House model')
    .getByRole('button', { name: /^(Set credential|Replace)$/ })
    .click();
  const form = page.getByRole('dialog', { name: 'the credential of House model' });
  await form.getByLabel('Provider credential').fill(credential);
  await form.getByRole('button', { name: /^(Set|Replace) credential$/ }).click();
  await drawer(page, 'House model').getByText('Credential saved.').waitFor();
}

async function testConnection(page: Page, result: string): Promise<void> {
  await drawer(page, 'House model').getByRole('button', { name: 'Test connection' }).click();
  await drawer(page, 'House model').getByText(result).waitFor();
}

async function confirm(page: Page, open: string, title: string, button: string): Promise<void> {
  await drawer(page, 'House model').getByRole('button', { name: open }).click();
  const dialog = page.getByRole('alertdialog', { name: title });
  await dialog.getByRole('button', { name: button, exact: true }).click();
}

describe.each([
  ['with JavaScript', true],
  ['without JavaScript', false],
])('the tool catalogue, %s', (_, javaScript) => {
  it('adds, connects, archives and disconnects a tool, and the gateway follows immediately', async () => {
    const { server, ada, upstream } = await start(javaScript);
    const { page } = ada;
    ada.expectProblem(/status of 40[09]/);
    await addTool(page, upstream.url);

    const member = await signIn(server.url, ADA);
    const { data } = await member.mutate('keys.request', {
      tool: 'house',
      environment: 'production',
      purpose: 'A first call',
    });
    const { rawKey } = data as { rawKey: string };
    const call = async () =>
      (
        await fetch(`${server.url}/gateway/house/v1/models`, {
          headers: { Authorization: `Bearer ${rawKey}` },
        })
      ).status;
    expect(await call()).toBe(503);

    await setCredential(page, 'sk-wrong');
    await testConnection(page, 'rejected the credential');
    await setCredential(page, SECRET);
    await testConnection(page, '1 model available');
    expect(upstream.seen).toEqual(['Bearer sk-wrong', `Bearer ${SECRET}`]);
    expect(await call()).toBe(200);

    await confirm(page, 'Archive…', 'Archive House model?', 'Archive');
    await drawer(page, 'House model').getByText('Tool archived.').waitFor();
    expect(await call()).toBe(403);
    await drawer(page, 'House model').getByRole('button', { name: 'Restore', exact: true }).click();
    await drawer(page, 'House model').getByText('Tool restored.').waitFor();
    expect(await call()).toBe(200);

    await confirm(page, 'Remove…', 'Remove the credential of House model?', 'Remove credential');
    await drawer(page, 'House model').getByText('Credential removed.').waitFor();
    expect(await call()).toBe(503);

    // Closing returns to the filtered list.
    await page.getByRole('link', { name: 'Close' }).click();
    await page.waitForURL('**/admin/ai/tools?show=live');
    ada.expectNoProblems();
    expect(server.output()).not.toContain(SECRET);
    for (const [name, bytes] of dataFiles(server.dataDir)) expect(bytes.includes(SECRET), name).toBe(false);
  });
});

it('never shows a credential again, on any page of its tool', async () => {
  const { ada, upstream } = await start(true);
  const { page } = ada;
  ada.expectProblem(/status of 40[09]/);
  await addTool(page, upstream.url);
  await setCredential(page, SECRET);
  for (const path of ['', '/credential', '/edit', '/archive', '/credential/remove']) {
    await page.goto(`/admin/ai/tools/house${path}`);
    expect(await page.content()).not.toContain(SECRET);
    await expectAccessibleInBothThemes(page, `/admin/ai/tools/house${path}`);
  }
  await page.goto('/admin/ai/tools/house/credential');
  expect(await page.getByLabel('Provider credential').inputValue()).toBe('');
});
