import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sharedBrowser } from '../helpers/browser';
import { type RunningServer, startServer } from '../helpers/server';
import { ADA, fillRequest, keyRow, openDrawer, setUp, waitForStatus } from './steps';

const browser = sharedBrowser();
let server: RunningServer;

beforeAll(async () => {
  server = await startServer();
});

afterAll(async () => {
  await server.stop();
  server.removeData();
});

const run = promisify(execFile);

/** Output of a pasted shell command: the response body, then its status on the last line. */
async function paste(line: string): Promise<{ status: number; body: unknown }> {
  const { stdout } = await run('sh', ['-c', `${line} --silent --write-out '\\n%{http_code}'`]);
  const end = stdout.lastIndexOf('\n');
  return { status: Number(stdout.slice(end + 1)), body: JSON.parse(stdout.slice(0, end)) };
}

it('on a new server the curl command of a new Echo key works, its use appears without a reload, and it fails after the revocation', async () => {
  const { page, expectNoProblems } = await browser.newPerson(server.url);
  await setUp(page, server.setupPath(), ADA);
  const drawer = await openDrawer(page, 'Echo');
  await fillRequest(drawer, { environment: 'development', purpose: 'Trying the server' });
  await drawer.getByRole('button', { name: 'Issue key' }).click();

  const modal = page.getByRole('dialog', { name: 'Your Echo key' });
  await modal.getByRole('tab', { name: 'curl' }).click();
  await modal.getByRole('button', { name: 'Copy curl' }).click();
  await modal.getByRole('button', { name: 'Copied' }).waitFor();
  const line = await page.evaluate(() => navigator.clipboard.readText());
  await modal.getByRole('button', { name: 'I have saved the key' }).click();
  const row = keyRow(page, 'Echo', 'development');
  await row.getByText('Never').waitFor();

  expect(await paste(line)).toMatchObject({ status: 200 });
  await row.getByText('Never').waitFor({ state: 'detached' });

  await row.getByRole('button', { name: 'Revoke' }).click();
  const dialog = page.getByRole('alertdialog');
  await dialog.getByLabel('Type echo to confirm').fill('echo');
  await dialog.getByRole('button', { name: 'Revoke' }).click();
  await waitForStatus(row, 'REVOKED');
  expect(await paste(line)).toMatchObject({
    status: 401,
    body: { error: { code: 'invalid_api_key', type: 'invalid_request_error' } },
  });
  expectNoProblems();
});
