import { expect, it, onTestFinished } from 'vitest';
import { sharedBrowser } from '../helpers/browser';
import { signIn } from '../helpers/http';
import { startServer } from '../helpers/server';
import { ADA, BEN, invite, join, setUp } from './steps';

const browser = sharedBrowser();

it('a page refused to a member sends no further requests while it stays open', async () => {
  const server = await startServer();
  onTestFinished(async () => {
    await server.kill();
    server.removeData();
  });
  const ada = await browser.newPerson(server.url);
  const ben = await browser.newPerson(server.url);
  await setUp(ada.page, server.setupPath(), ADA);
  await join(ben.page, await invite(ada.page, BEN.email), BEN);

  const refused = await ben.context.newPage();
  await refused.goto('/admin/audit');
  await refused.getByText('Only admins can do this.').waitFor();
  const requests: string[] = [];
  refused.on('request', (request) => requests.push(request.url()));

  // His other page reloads after a live event; this one has had the same time.
  await ben.page.bringToFront();
  await ben.page.goto('/me/ai-keys');
  const api = await signIn(server.url, ADA);
  await Promise.all([
    ben.page.getByRole('button', { name: 'Request Groq', exact: true }).waitFor(),
    api.mutate('tools.create', { preset: 'groq' }),
  ]);
  await refused.bringToFront();
  await refused.evaluate(() => window.dispatchEvent(new Event('focus')));
  await refused.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
  expect(requests).toEqual([]);

  // Leaving it, the page is live again.
  await refused.getByRole('link', { name: 'Go to your keys' }).click();
  await refused.getByRole('button', { name: 'Request Groq', exact: true }).waitFor();
  await Promise.all([
    refused.getByRole('button', { name: 'Request Groq', exact: true }).waitFor({ state: 'detached' }),
    api.mutate('tools.archive', { tool: 'groq' }),
  ]);
});
