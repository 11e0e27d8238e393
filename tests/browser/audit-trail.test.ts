import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Person, sharedBrowser } from '../helpers/browser';
import { type HttpClient, signIn } from '../helpers/http';
import { dataFiles, type RunningServer, runCommand, startServer } from '../helpers/server';
import { ADA, setUp } from './steps';

const browser = sharedBrowser();

interface Setup {
  server: RunningServer;
  ada: Person;
  page: Page;
  api: HttpClient;
}

async function start(javaScript: boolean): Promise<Setup> {
  const server = await startServer();
  onTestFinished(async () => {
    await server.kill();
    server.removeData();
  });
  const ada = await browser.newPerson(server.url, { javaScript });
  // Remix logs this when a navigation overtakes a live reload.
  ada.expectProblem(/AbortError: signal is aborted without reason/);
  await setUp(ada.page, server.setupPath(), ADA);
  return { server, ada, page: ada.page, api: await signIn(server.url, ADA) };
}

/** Creates Echo keys for Ada and revokes all but the last, whose raw key it returns. */
async function makeKeys(api: HttpClient, amount: number): Promise<string> {
  for (let made = 1; ; made++) {
    const purpose = `Experiment ${made}`;
    const { data } = await api.mutate('keys.request', { tool: 'echo', environment: 'development', purpose });
    const { key, rawKey } = data as { key: { id: string }; rawKey: string };
    if (made === amount) return rawKey;
    await api.mutate('keys.revoke', { keyId: key.id, reason: 'done with it' });
  }
}

describe.each([
  ['with JavaScript', true],
  ['without JavaScript', false],
])('the audit trail, %s', (_how, javaScript) => {
  it('pages through entries, filters them and opens one in full', async () => {
    const { ada, page, api } = await start(javaScript);
    await makeKeys(api, 40);
    await page.goto('/admin/audit');
    const numbers = async () =>
      (await page.getByRole('link', { name: /^Entry #\d+$/ }).allTextContents()).map((text) =>
        Number(text.replace(/\D/g, '')),
      );
    const newest = await numbers();
    expect(newest).toHaveLength(50);
    await page.getByRole('link', { name: 'Older' }).click();
    await page.getByRole('link', { name: `Entry #${(newest[49] ?? 0) - 1}`, exact: true }).waitFor();
    await page.getByRole('link', { name: 'Newer' }).click();
    await page.getByRole('link', { name: `Entry #${newest[0]}`, exact: true }).waitFor();
    expect(await numbers()).toEqual(newest);

    await page.getByText('Filters', { exact: true }).click();
    await page.getByLabel('Action', { exact: true }).selectOption('Key revoked');
    await page.getByLabel('Actor', { exact: true }).fill(ADA.email);
    await page.getByRole('button', { name: 'Filter', exact: true }).click();
    await page.getByRole('link', { name: 'Clear filters' }).waitFor();
    expect(await numbers()).toHaveLength(39);

    const row = page.getByRole('row').filter({ hasText: 'Experiment 7”' });
    await row.getByRole('link', { name: /^Entry #/ }).click();
    const entry = page.getByRole('dialog', { name: 'Key revoked' });
    await entry.getByText('done with it').waitFor();
    await entry.getByText('key.revoked', { exact: true }).waitFor();
    await entry.getByRole('link', { name: 'Close' }).click();
    await entry.waitFor({ state: 'hidden' });
    expect(await numbers()).toHaveLength(39);
    ada.expectNoProblems();
  });

  it('is verified against a saved head and exported to a file that verifies', async () => {
    const { server, ada, page, api } = await start(javaScript);
    const kept = (await runCommand(['audit', 'head'], { DATA_DIR: server.dataDir })).stdout.trim();
    await makeKeys(api, 3);
    await page.goto('/admin/audit');
    await page.getByRole('button', { name: 'Verify the chain' }).click();
    const drawer = page.getByRole('dialog', { name: 'Verify the chain' });
    await drawer.getByLabel('Saved head (optional)').fill(kept);
    await drawer.getByRole('button', { name: 'Verify', exact: true }).click();
    await drawer.getByText(/entries are intact, and the saved head is one of them/).waitFor();

    await drawer
      .getByLabel('Saved head (optional)')
      .fill(kept.replace(/.$/, (end) => (end === '0' ? '1' : '0')));
    await drawer.getByRole('button', { name: 'Verify', exact: true }).click();
    await drawer.getByText('the trail was rewritten').waitFor();

    await page.goto('/admin/audit');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Export', exact: true }).click(),
    ]);
    const file = await download.path();
    expect(download.suggestedFilename()).toMatch(/^audit-trail-\d{4}-\d\d-\d\d\.ndjson$/);
    expect(readFileSync(file, 'utf8').split('\n').length).toBeGreaterThan(8);
    const verified = await runCommand(['audit', 'verify', '--file', file, '--head', kept], {});
    expect(verified).toMatchObject({ exitCode: 0, stderr: '' });
    await page.goto('/admin/audit');
    await page.getByRole('row').filter({ hasText: 'Audit exported' }).first().waitFor();
    ada.expectNoProblems();
  });
});

describe.each([
  ['with JavaScript', true],
  ['without JavaScript', false],
])('all keys, %s', (_how, javaScript) => {
  it('finds the owner of a leaked key and revokes it, without the key in any URL, log or file', async () => {
    const { server, ada, page, api } = await start(javaScript);
    const rawKey = await makeKeys(api, 1);
    const secret = rawKey.slice('aik_dev_'.length + 6);
    const addresses: string[] = [];
    page.on('request', (request) => addresses.push(request.url()));
    page.on('framenavigated', (frame) => addresses.push(frame.url()));

    await page.goto('/admin/ai/keys');
    await page.getByLabel('Search keys').fill(rawKey);
    await page.getByLabel('Search keys').press('Enter');
    await page.goto('/admin/ai/keys');
    await page.getByRole('button', { name: 'Look up a leaked key' }).click();
    const drawer = page.getByRole('dialog', { name: 'Look up a leaked key' });
    await drawer.getByLabel('Raw key').fill(`export OPENAI_API_KEY=${rawKey.slice(0, -1)}`);
    await drawer.getByRole('button', { name: 'Look up' }).click();
    await drawer.getByText('This isn’t a My AI Keys key').waitFor();
    await drawer.getByLabel('Raw key').fill(`export OPENAI_API_KEY=${rawKey}`);
    await drawer.getByRole('button', { name: 'Look up' }).click();
    await drawer.getByText('Experiment 1').waitFor();
    expect(await page.content()).not.toContain(secret);

    await drawer.getByRole('button', { name: 'Revoke key' }).click();
    const dialog = page.getByRole('alertdialog', { name: `Revoke the Echo key of ${ADA.name}?` });
    await dialog.getByLabel('Reason', { exact: true }).fill('Found in a public paste');
    await dialog.getByRole('button', { name: 'Revoke', exact: true }).click();
    await page.getByText('1 key revoked.').waitFor();
    await page.getByText(/^Revoked by its holder .*: Found in a public paste$/).waitFor();

    expect(addresses.filter((address) => address.includes(secret))).toEqual([]);
    expect(server.output()).not.toContain(secret);
    for (const [name, content] of dataFiles(server.dataDir)) {
      expect(content.includes(secret), `the raw key in ${name}`).toBe(false);
    }
    // Browsers log the 400 of the refused look-up to the console.
    ada.expectProblem(/status of 400/);
    ada.expectNoProblems();
  });

  it('filters by status and search, and revokes several keys after their number is typed', async () => {
    const { ada, page, api } = await start(javaScript);
    for (const tool of ['openai', 'mistral', 'gemini']) {
      await api.mutate('keys.request', { tool, environment: 'staging', purpose: `Trying ${tool}` });
    }
    await makeKeys(api, 2);
    await page.goto('/admin/ai/keys');
    await page.getByText('5 keys').waitFor();
    await page.getByRole('link', { name: 'Live', exact: true }).click();
    await page.getByText('4 keys').waitFor();
    await page.getByLabel('Search keys').fill('i');
    await page.getByLabel('Search keys').press('Enter');
    await page.waitForURL(/q=i/);
    for (const tool of ['OpenAI', 'Mistral']) {
      await page.getByLabel(`Select ${tool}, staging, of ${ADA.name}`).check();
    }
    await page.getByRole('button', { name: 'Revoke selected' }).click();
    const dialog = page.getByRole('alertdialog', { name: 'Revoke 2 keys?' });
    await dialog.getByLabel('Reason', { exact: true }).fill('The experiment is over');
    await dialog.getByLabel(/^Type revoke 2 keys/).fill('revoke two keys');
    await dialog.getByRole('button', { name: 'Revoke', exact: true }).click();
    await dialog.getByText('That doesn’t match. Type revoke 2 keys.').waitFor();
    expect(await dialog.getByLabel('Reason', { exact: true }).inputValue()).toBe('The experiment is over');
    await dialog.getByLabel(/^Type revoke 2 keys/).fill('revoke 2 keys');
    await dialog.getByRole('button', { name: 'Revoke', exact: true }).click();
    await page.getByText('2 keys revoked.').waitFor();
    expect(new URL(page.url()).searchParams.get('status')).toBe('live');
    await page.getByText('Trying gemini').waitFor();
    expect(await page.getByText('Trying openai').count()).toBe(0);
    ada.expectProblem(/status of 400/);
    ada.expectNoProblems();
  });
});

it('keeps the result of a form on the page while live data reloads', async () => {
  const { ada, page, api } = await start(true);
  const rawKey = await makeKeys(api, 1);
  await api.mutate('keys.request', { tool: 'openai', environment: 'staging', purpose: 'Trying openai' });
  let changes = 0;
  /** Changes a tool and waits until the list behind the drawer shows it, so that the page has reloaded. */
  const changeElsewhere = async (shownAs: string) => {
    await api.mutate('tools.update', { tool: 'echo', displayName: `Echo ${++changes}` });
    await page.getByRole('table', { includeHidden: true }).getByText(shownAs).first().waitFor();
  };

  await page.goto('/admin/ai/keys/look-up');
  const lookUp = page.getByRole('dialog', { name: 'Look up a leaked key' });
  await lookUp.getByLabel('Raw key').fill(rawKey);
  await lookUp.getByRole('button', { name: 'Look up' }).click();
  await lookUp.getByText(`Belongs to ${ADA.name}`).waitFor();
  await changeElsewhere('Echo 1');
  expect(await lookUp.getByText(`Belongs to ${ADA.name}`).count()).toBe(1);

  await page.goto('/admin/ai/keys');
  for (const box of await page.getByRole('checkbox').all()) await box.check();
  await page.getByRole('button', { name: 'Revoke selected' }).click();
  const revoke = page.getByRole('alertdialog', { name: 'Revoke 2 keys?' });
  await revoke.getByLabel('Reason', { exact: true }).fill('The experiment is over');
  await revoke.getByLabel(/^Type revoke 2 keys/).fill('revoke two keys');
  await revoke.getByRole('button', { name: 'Revoke', exact: true }).click();
  await revoke.getByText('That doesn’t match. Type revoke 2 keys.').waitFor();
  await changeElsewhere('Echo 2');
  expect(await revoke.getByText('That doesn’t match. Type revoke 2 keys.').count()).toBe(1);

  await page.goto('/admin/audit/verify');
  const verify = page.getByRole('dialog', { name: 'Verify the chain' });
  await verify.getByRole('button', { name: 'Verify', exact: true }).click();
  await verify.getByText(/entries are intact/).waitFor();
  await changeElsewhere('Echo 3');
  expect(await verify.getByText(/entries are intact/).count()).toBe(1);
  ada.expectProblem(/status of 400/);
  ada.expectNoProblems();
});
