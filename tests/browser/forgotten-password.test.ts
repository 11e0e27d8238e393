import { describe, expect, it, onTestFinished } from 'vitest';
import { sharedBrowser } from '../helpers/browser';
import { startServer } from '../helpers/server';
import { ADA, BEN, invite, join, setUp } from './steps';

const browser = sharedBrowser();

const NEW_PASSWORD = 'nine herons above tin';

describe.each([
  ['with JavaScript', true],
  ['without JavaScript', false],
])('A forgotten password, %s', (_how, javaScript) => {
  it('is replaced with a one-time link from an admin', async () => {
    const server = await startServer();
    onTestFinished(async () => {
      await server.kill();
      server.removeData();
    });
    const ada = await browser.newPerson(server.url, { javaScript });
    const ben = await browser.newPerson(server.url, { javaScript });
    await setUp(ada.page, server.setupPath(), ADA);
    await join(ben.page, await invite(ada.page, BEN.email), BEN);

    // In another browser, Ben reads whom to ask.
    const elsewhere = await browser.newPerson(server.url, { javaScript });
    await elsewhere.page.goto('/sign-in');
    await elsewhere.page.getByText('Forgot your password? Ask an admin for a reset link.').waitFor();

    await ada.page.goto('/admin/users');
    await ada.page.getByRole('link', { name: BEN.name }).click();
    await ada.page
      .getByRole('dialog', { name: BEN.name })
      .getByRole('button', { name: 'Create reset link' })
      .click();
    const modal = ada.page.getByRole('dialog', { name: 'Send this link' });
    const link = ((await modal.locator('code').textContent()) ?? '').trim();
    expect(link).toMatch(/\/reset-password\?token=[\w-]{43}$/);
    await modal.getByRole('link', { name: 'Done' }).click();
    await ada.page.getByRole('dialog', { name: BEN.name }).waitFor();
    expect(await ada.page.content()).not.toContain(link);

    const { page } = elsewhere;
    await page.goto(link);
    await page.getByRole('heading', { name: 'Choose a new password' }).waitFor();
    expect(await page.getByLabel('Email', { exact: true }).inputValue()).toBe(BEN.email);
    await page.getByLabel('New password', { exact: true }).fill('password1234');
    await page.getByRole('button', { name: 'Set password' }).click();
    await page
      .getByText(/too easy to guess/)
      .first()
      .waitFor();
    await page.getByLabel('New password', { exact: true }).fill(NEW_PASSWORD);
    await page.getByRole('button', { name: 'Set password' }).click();
    await page.getByRole('heading', { name: 'Available tools' }).waitFor();

    // His other browser is signed out; the old password and the link no longer work.
    await ben.page.goto('/me/ai-keys');
    await ben.page.getByLabel('Email', { exact: true }).fill(BEN.email);
    await ben.page.getByLabel('Password', { exact: true }).fill(BEN.password);
    await ben.page.getByRole('button', { name: 'Sign in' }).click();
    await ben.page.getByText('Wrong email or password.').waitFor();
    await ben.page.getByLabel('Password', { exact: true }).fill(NEW_PASSWORD);
    await ben.page.getByRole('button', { name: 'Sign in' }).click();
    await ben.page.getByRole('heading', { name: 'Available tools' }).waitFor();
    await page.goto(link);
    await page.getByRole('heading', { name: 'This link doesn’t work' }).waitFor();
  });
});
