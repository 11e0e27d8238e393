import { describe, expect, it, onTestFinished } from 'vitest';
import { type Person, sharedBrowser } from '../helpers/browser';
import { type RecordingProxy, startRecordingProxy } from '../helpers/recording-proxy';
import { type RunningServer, startServer } from '../helpers/server';
import { expectShownOnce } from './shown-once';
import {
  ADA,
  BEN,
  fillRequest,
  invite,
  join,
  keyRow,
  openDrawer,
  pendingRequest,
  revealedKey,
  setUp,
  waitForStatus,
} from './steps';

const browser = sharedBrowser();

interface Stage {
  server: RunningServer;
  tap: RecordingProxy;
  ada: Person;
  ben: Person;
  javaScript: boolean;
}

/** A new server behind a recording proxy, and two people. */
async function stage(javaScript: boolean): Promise<Stage> {
  const tap = await startRecordingProxy();
  const server = await startServer({ settings: { ORIGIN: tap.url } });
  tap.target(server.url);
  onTestFinished(async () => {
    await server.kill();
    await tap.close();
    server.removeData();
  });
  const [ada, ben] = [
    await browser.newPerson(tap.url, { javaScript }),
    await browser.newPerson(tap.url, { javaScript }),
  ];
  return { server, tap, ada, ben, javaScript };
}

/** Without JavaScript a page must be reloaded to show changes. */
async function showChanges({ javaScript }: Stage, { page }: Person): Promise<void> {
  if (!javaScript) await page.reload();
}

/** Copies the revealed key and closes the modal; checks that it can't be closed by accident. */
async function takeKey({ javaScript }: Stage, { page }: Person, tool: string): Promise<string> {
  const rawKey = await revealedKey(page, tool);
  const modal = page.getByRole('dialog', { name: `Your ${tool} key` });
  if (javaScript) {
    await page.keyboard.press('Escape');
    await page.mouse.click(5, 5);
    expect(await revealedKey(page, tool)).toBe(rawKey);
    await modal.getByRole('button', { name: 'Copy key' }).click();
    await modal.getByRole('button', { name: 'Copied' }).waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(rawKey);
  }
  await modal.getByRole('button', { name: 'I have saved the key' }).click();
  await modal.waitFor({ state: 'detached' });
  expect(await page.content()).not.toContain(rawKey);
  return rawKey;
}

/** A production key: requested, approved, revealed, revoked. */
async function approveAndRevoke(on: Stage): Promise<string> {
  const { ada, ben, javaScript } = on;
  await ada.page.goto('/admin/ai/pending-keys');
  await ada.page.getByText('No pending requests').waitFor();
  const drawer = await openDrawer(ben.page, 'OpenAI');
  await drawer.getByRole('button', { name: 'Issue key' }).waitFor();
  expect(await drawer.getByText('An admin approves production keys').isVisible()).toBe(false);
  await fillRequest(drawer, { environment: 'production', purpose: 'Nightly ticket summaries' });
  await drawer.getByText('An admin approves production keys').waitFor();
  await drawer.getByRole('button', { name: 'Submit request' }).click();
  await waitForStatus(keyRow(ben.page, 'OpenAI', 'production'), 'PENDING');

  await showChanges(on, ada);
  const request = pendingRequest(ada.page, 'OpenAI', BEN);
  await request.getByText('Nightly ticket summaries').waitFor();
  if (javaScript) await ben.page.evaluate(() => Object.assign(window, { sinceLoading: true }));
  await request.getByRole('button', { name: 'Approve' }).click();
  await ada.page.getByText('1 request approved').waitFor();

  await showChanges(on, ben);
  const row = keyRow(ben.page, 'OpenAI', 'production');
  await waitForStatus(row, 'ACTIVE');
  if (javaScript) expect(await ben.page.evaluate(() => 'sinceLoading' in window)).toBe(true);
  await row.getByRole('button', { name: 'Reveal key' }).click();
  const rawKey = await takeKey(on, ben, 'OpenAI');

  await keyRow(ben.page, 'OpenAI', 'production').getByRole('button', { name: 'Revoke' }).click();
  const dialog = ben.page.getByRole('alertdialog');
  await dialog.getByText('This can’t be undone').waitFor();
  if (javaScript) {
    const focused = await ben.page.evaluate(() => document.activeElement?.textContent);
    expect(focused).toBe('Cancel');
  }
  await dialog.getByRole('button', { name: 'Revoke' }).click();
  await waitForStatus(keyRow(ben.page, 'OpenAI', 'production'), 'REVOKED');
  return rawKey;
}

/** A production key: requested and rejected, with the reason shown. */
async function reject(on: Stage): Promise<void> {
  const { ada, ben } = on;
  const drawer = await openDrawer(ben.page, 'Anthropic');
  await fillRequest(drawer, { environment: 'production', purpose: 'Trying something out' });
  await drawer.getByRole('button', { name: 'Submit request' }).click();
  await waitForStatus(keyRow(ben.page, 'Anthropic', 'production'), 'PENDING');

  await ada.page.goto('/admin/ai/pending-keys');
  await pendingRequest(ada.page, 'Anthropic', BEN).getByRole('button', { name: 'Reject' }).click();
  const rejection = ada.page.getByRole('dialog', { name: 'Reject the request' });
  await rejection.getByLabel('Reason').fill('Use the staging environment for trials.');
  await rejection.getByRole('button', { name: 'Reject' }).click();
  await ada.page.getByText('1 request rejected').waitFor();

  await showChanges(on, ben);
  const row = keyRow(ben.page, 'Anthropic', 'production');
  await waitForStatus(row, 'REJECTED');
  await row.getByText('Use the staging environment for trials.').waitFor();
}

/** Every step is on the audit trail with its actor and detail. */
async function expectOnTrail({ page }: Person): Promise<void> {
  await page.goto('/admin/audit');
  const trail = page.getByRole('table', { name: 'Audit entries' });
  const entries: [string, string, string][] = [
    ['User created', ADA.email, ''],
    ['Key issued', ADA.email, 'Trying prompts'],
    ['User invited', ADA.email, BEN.email],
    ['User joined', BEN.email, ''],
    ['Key requested', BEN.email, 'Nightly ticket summaries'],
    ['Key approved', ADA.email, 'Nightly ticket summaries'],
    ['Key revealed', BEN.email, 'Nightly ticket summaries'],
    ['Key revoked', BEN.email, 'Nightly ticket summaries'],
    ['Key requested', BEN.email, 'Trying something out'],
    ['Key rejected', ADA.email, 'Use the staging environment for trials.'],
  ];
  await trail.waitFor();
  const rows = await trail.getByRole('row').allTextContents();
  for (const [action, actor, detail] of entries) {
    const found = rows.filter((row) => [action, actor, detail].every((part) => row.includes(part)));
    expect(found, `${action} by ${actor}: ${detail}`).toHaveLength(1);
  }
}

describe.each([
  { title: 'with JavaScript', javaScript: true },
  { title: 'without JavaScript', javaScript: false },
])('from setup to a revoked key, $title', ({ javaScript }) => {
  it('issues, approves, rejects, reveals and revokes keys, all on the audit trail, and shows each raw key once', async () => {
    const on = await stage(javaScript);
    const { server, tap, ada, ben } = on;

    await setUp(ada.page, server.setupPath(), ADA);
    const drawer = await openDrawer(ada.page, 'OpenAI');
    await fillRequest(drawer, { environment: 'development', purpose: 'Trying prompts' });
    await drawer.getByRole('button', { name: 'Issue key' }).click();
    const rawKeys = [await takeKey(on, ada, 'OpenAI')];
    await waitForStatus(keyRow(ada.page, 'OpenAI', 'development'), 'ACTIVE');

    await join(ben.page, await invite(ada.page, BEN.email), BEN);
    rawKeys.push(await approveAndRevoke(on));
    await reject(on);

    for (const path of ['/me/ai-keys', '/me/account', '/admin/users', '/admin/ai/pending-keys']) {
      await ada.page.goto(path);
      await ben.page.goto('/me/ai-keys');
    }
    await expectOnTrail(ada);

    ada.expectNoProblems();
    ben.expectNoProblems();
    await ada.context.close();
    await ben.context.close();
    await server.stop();
    expect(new Set(rawKeys).size).toBe(2);
    for (const rawKey of rawKeys) expectShownOnce(on, rawKey);
    for (const { password } of [ADA, BEN]) {
      expect(server.output()).not.toContain(password);
      expect(tap.exchanges.filter((exchange) => exchange.body().includes(password))).toEqual([]);
    }
  });
});
