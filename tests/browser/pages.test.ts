import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { KeyView } from '~/keys/keys.schema';
import { type Person, sharedBrowser } from '../helpers/browser';
import { httpClient } from '../helpers/http';
import { type Gallery, openGallery, visitAs } from './gallery';
import { keyRow } from './steps';

const browser = sharedBrowser();
let gallery: Gallery;

beforeAll(async () => {
  gallery = await openGallery();
  const cleo = clientOf('cleo');
  const request = { tool: 'openai', environment: 'production', purpose: 'Answers for the help desk' };
  expect((await cleo.mutate('keys.request', request)).status).toBe(200);
  const issued = { tool: 'echo', environment: 'development', purpose: 'Trying the server out' };
  expect((await cleo.mutate('keys.request', issued)).status).toBe(200);
});

afterAll(() => gallery.stop());

/** An HTTP client with the person's session. */
const clientOf = (who: 'ada' | 'cleo') =>
  Object.assign(httpClient(gallery.server.url), { cookie: gallery.cookies[who] });

async function visitor(who: 'ada' | 'ben' | 'cleo', javaScript = true): Promise<Person> {
  const person = await browser.newPerson(gallery.server.url, { javaScript });
  onTestFinished(() => person.context.close());
  await visitAs(person.page, gallery, who);
  return person;
}

it('searching your keys or the queue sends no request', async () => {
  const { page, expectNoProblems } = await visitor('ada');
  for (const [path, search, empty] of [
    ['/me/ai-keys', 'Search tools', 'No tool matches'],
    ['/admin/ai/pending-keys', 'Search requests', 'No request matches'],
  ] as const) {
    await page.goto(path, { waitUntil: 'networkidle' });
    const requests: string[] = [];
    page.on('request', (request) => requests.push(request.url()));
    await page.getByLabel(search).pressSequentially('nothing');
    await page.getByText(empty).waitFor();
    expect(new URL(page.url()).searchParams.get('q')).toBe('nothing');
    page.removeAllListeners('request');
    expect(requests.filter((url) => url.includes('.data'))).toEqual([]);
  }
  expectNoProblems();
});

it('clearing the filters empties their fields and the query string', async () => {
  const { page, expectNoProblems } = await visitor('ada');
  for (const [path, search, sort] of [
    ['/me/ai-keys', 'Search tools', 'used'],
    ['/admin/ai/pending-keys', 'Search requests', 'newest'],
    ['/admin/ai/keys', 'Search keys', 'oldest'],
    ['/admin/ai/tools', 'Search tools', 'keys'],
    ['/admin/users', 'Search people', 'newest'],
  ] as const) {
    await page.goto(path, { waitUntil: 'networkidle' });
    const [field, order] = [page.getByLabel(search), page.getByLabel('Sort by')];
    await field.pressSequentially('zzz');
    await page.waitForURL((url) => url.search === '?q=zzz');
    await order.selectOption(sort);
    await page.waitForURL((url) => url.search === `?q=zzz&sort=${sort}`);
    await page.getByRole('link', { name: 'Clear filters' }).first().click();
    await page.waitForURL((url) => url.search === '');
    await page.waitForFunction(() => document.querySelector<HTMLInputElement>('[name=q]')?.value === '');
    expect(await order.inputValue()).toBe('');
  }
  expectNoProblems();
});

it('an admin’s decision is announced on the requester’s page', async () => {
  const { page, expectNoProblems } = await visitor('cleo');
  const asked = { tool: 'gemini', environment: 'production', purpose: 'Minutes of the board' };
  const { data } = await clientOf('cleo').mutate('keys.request', asked);
  const { key } = data as { key: { id: string } };
  await page.goto('/me/ai-keys', { waitUntil: 'networkidle' });
  await clientOf('ada').mutate('requests.reject', { keyId: key.id, reason: 'Not these.' });
  await page
    .getByRole('status')
    .filter({ hasText: 'Google Gemini, production: now REJECTED.' })
    .waitFor({ state: 'attached' });
  expectNoProblems();
});

it('a key of an archived tool is marked as not working and offers no other environment', async () => {
  const { page } = await visitor('ben');
  const ada = clientOf('ada');
  const row = keyRow(page, 'OpenAI', 'staging');
  await page.goto('/me/ai-keys');
  await row.getByLabel('More for OpenAI, staging').click();
  await row.getByRole('link', { name: 'Request another environment' }).waitFor();
  await ada.mutate('tools.archive', { tool: 'openai' });
  await row.getByText('This tool is archived').waitFor();
  expect(await row.getByRole('link', { name: 'Request another environment' }).count()).toBe(0);
  await ada.mutate('tools.restore', { tool: 'openai' });
  await row.getByText('This tool is archived').waitFor({ state: 'detached' });
});

it('an error page keeps the navigation', async () => {
  const { page } = await visitor('ben');
  await page.goto('/me/ai-keys/request/no-such-tool');
  await page.getByRole('heading', { name: 'Not found' }).waitFor();
  await page.getByRole('link', { name: 'Account' }).click();
  await page.getByRole('heading', { name: 'Account' }).waitFor();
});

it('the full time is shown over a row that is a link', async () => {
  const { page } = await visitor('ada');
  await page.goto('/admin/users', { waitUntil: 'networkidle' });
  const time = page.getByRole('table', { name: 'People' }).locator('time').first();
  const under = await time.evaluate((element) => {
    const { left, top, width, height } = element.getBoundingClientRect();
    return document.elementFromPoint(left + width / 2, top + height / 2)?.getAttribute('title');
  });
  expect(under).toMatch(/^\d.* \(\d.* UTC\)$/);
});

it('a tool without a credential is marked on its card, in the request drawer and next to the new key', async () => {
  const { page, expectNoProblems } = await visitor('cleo');
  await page.goto('/me/ai-keys');
  const tools = page.getByRole('list', { name: 'Available tools' }).getByRole('listitem');
  const marked = tools.filter({ hasText: 'Not connected yet' });
  expect(await marked.getByRole('button').allTextContents()).toEqual([
    'Request Anthropic',
    'Request Google Gemini',
    'Request Mistral',
  ]);
  await page.getByRole('button', { name: 'Request Mistral' }).click();
  const words = 'Mistral is not connected yet. Keys work after an admin adds its credential';
  const drawer = page.getByRole('dialog', { name: 'Request a key for Mistral' });
  await drawer.getByText(words).waitFor();
  await drawer.getByLabel('Purpose').fill('Trying it early');
  await drawer.getByRole('button', { name: 'Issue key' }).click();
  const modal = page.getByRole('dialog', { name: 'Your Mistral key' });
  await modal.getByText(words).waitFor();
  await modal.getByRole('button', { name: 'I have saved the key' }).click();
  expectNoProblems();
});

it('an ended key’s row names who ended it', async () => {
  const { page } = await visitor('ben');
  await page.goto('/me/ai-keys');
  await keyRow(page, 'Google Gemini', 'staging').getByText('Revoked by you').waitFor();
  await keyRow(page, 'Mistral', 'production').getByText('Rejected by Ada Byron').waitFor();
});

describe.each([
  ['with JavaScript', true],
  ['without JavaScript', false],
])('%s', (_how, javaScript) => {
  it('rejecting one or several requests returns to the filtered queue', async () => {
    const { page, expectNoProblems } = await visitor('ada', javaScript);
    const queue = page.locator('li[data-row]');
    await page.goto('/admin/ai/pending-keys?sort=newest');
    const waiting = await queue.count();
    for (const box of await page.getByRole('checkbox').all()) await box.check();
    await page.getByRole('button', { name: 'Reject selected' }).click();
    await page.getByRole('dialog').getByRole('link', { name: 'Cancel' }).click();
    await page.waitForURL(/pending-keys\?sort=newest$/);

    await queue.last().getByRole('button', { name: 'Reject' }).click();
    const drawer = page.getByRole('dialog', { name: 'Reject the request' });
    await drawer.getByLabel('Reason').fill('Not now.');
    await drawer.getByRole('button', { name: 'Reject' }).click();
    await page.getByText('1 request rejected.').waitFor();
    expect(new URL(page.url()).search).toBe('?sort=newest');
    expect(await queue.count()).toBe(waiting - 1);
    expectNoProblems();
  });

  it('closing a drawer or dialog returns to the filtered list of your keys', async () => {
    const { page, expectNoProblems } = await visitor('cleo', javaScript);
    const list = '/me/ai-keys?show=live&sort=tool';
    const isBack = () => page.waitForURL((url) => url.pathname + url.search === list);
    await page.goto(list);
    await keyRow(page, 'Echo', 'development').getByRole('button', { name: 'Revoke' }).click();
    await page.getByRole('alertdialog').getByRole('link', { name: 'Cancel' }).click();
    await isBack();
    await page.getByLabel('More for Echo, development').click();
    await page.getByRole('link', { name: 'How to use this key' }).first().click();
    await page
      .getByRole('dialog', { name: 'Use your Echo key' })
      .getByRole('link', { name: 'Close' })
      .click();
    await isBack();

    await page.getByRole('button', { name: 'Request Google Gemini' }).click();
    const drawer = page.getByRole('dialog', { name: 'Request a key for Google Gemini' });
    await drawer.getByLabel('Environment').selectOption('production');
    await drawer.getByLabel('Purpose').fill('Captions for the archive');
    await drawer.getByRole('button', { name: 'Submit request' }).click();
    await page.getByText('This page updates when an admin decides.').waitFor();
    await isBack();
    await keyRow(page, 'Google Gemini', 'production').getByRole('button', { name: 'Withdraw' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Withdraw' }).click();
    await isBack();
    expectNoProblems();
  });

  it('changing a role asks for confirmation and names the consequences', async () => {
    const { page, expectNoProblems } = await visitor('ada', javaScript);
    const drawer = page.getByRole('dialog', { name: 'Ben Okri' });
    const confirmed = async (role: 'admin' | 'member') => {
      await page.goto(`/admin/users/${gallery.at.benId}?q=okri`);
      await drawer.getByRole('button', { name: `Make ${role}…` }).click();
      const question = page.getByRole('alertdialog', {
        name: `Make Ben Okri ${role === 'admin' ? 'an' : 'a'} ${role}?`,
      });
      await question.getByText('Their sessions end').waitFor();
      return question;
    };
    await (await confirmed('admin')).getByRole('link', { name: 'Cancel' }).click();
    await drawer.getByRole('button', { name: 'Make admin…' }).waitFor();
    await (await confirmed('admin')).getByRole('button', { name: 'Make admin' }).click();
    await drawer.getByText('Role changed.').waitFor();
    expect(new URL(page.url()).searchParams.get('q')).toBe('okri');
    await (await confirmed('member')).getByRole('button', { name: 'Make member' }).click();
    await drawer.getByText('Role changed.').waitFor();
    expectNoProblems();
  });

  it('the chain head has a copy button only with JavaScript', async () => {
    const { page, expectNoProblems } = await visitor('ada', javaScript);
    await page.goto('/admin/audit', { waitUntil: 'networkidle' });
    const button = page.getByRole('button', { name: 'Copy head' });
    if (javaScript) await button.waitFor();
    expect(await button.count()).toBe(javaScript ? 1 : 0);
    expectNoProblems();
  });
});

describe('more than 100 ended keys', () => {
  beforeAll(async () => {
    const ada = Object.assign(httpClient(gallery.server.url), { cookie: gallery.cookies.ada });
    for (let made = 0; made < 103; made++) {
      const request = { tool: 'echo', environment: 'staging', purpose: `Try number ${made}` };
      const { key } = (await ada.mutate('keys.request', request)).data as { key: KeyView };
      expect((await ada.mutate('keys.revoke', { keyId: key.id })).status).toBe(200);
    }
    const live = { tool: 'echo', environment: 'staging', purpose: 'In use' };
    expect((await ada.mutate('keys.request', live)).status).toBe(200);
  });

  it.each([
    ['with JavaScript', true],
    ['without JavaScript', false],
  ])(
    'are listed on request, %s; before that, the latest 100 and every live key',
    async (_how, javaScript) => {
      const { page, expectNoProblems } = await visitor('ada', javaScript);
      const rows = page.getByRole('table', { name: 'Your keys' }).locator('[data-row]');
      await page.goto('/me/ai-keys');
      await page.getByText('101 keys').waitFor();
      expect(await rows.count()).toBe(101);
      expect(await page.getByText('Try number 2', { exact: true }).count()).toBe(0);

      await page.getByRole('link', { name: 'Show all', exact: true }).click();
      await page.getByText('104 keys').waitFor();
      await page.getByText('Try number 0', { exact: true }).waitFor();
      expect(await page.getByRole('link', { name: 'Show all', exact: true }).count()).toBe(0);

      await page.getByRole('link', { name: 'Live', exact: true }).click();
      await page.getByText('1 key,').waitFor();
      expect(new URL(page.url()).searchParams.get('ended')).toBe('all');
      expectNoProblems();
    },
  );
});
