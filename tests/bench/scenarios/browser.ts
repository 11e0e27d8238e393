import { join } from 'node:path';
import { type BrowserContext, chromium } from 'playwright-core';
import { signIn } from '../../helpers/http';
import { requireProgram } from '../../helpers/programs.mjs';
import { ADMIN } from '../../helpers/server';
import { type Bench, kib, type Row } from '../bench';

const TARGET_KIB = 140;

/** What a real browser is sent for `/me/ai-keys` and does with it: script bytes, layout shift, no scripts at all. */
export async function browser(bench: Bench): Promise<Row[]> {
  const { url } = await bench.serve(join(bench.folder, 'data'), {
    ADMIN_EMAIL: ADMIN.email,
    ADMIN_PASSWORD: ADMIN.password,
  });
  const { cookie } = await signIn(url, ADMIN);
  const chrome = await chromium.launch({
    executablePath: requireProgram('chromium'),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
    ],
  });
  bench.cleanup.add(() => chrome.close());
  const context = async (javaScriptEnabled: boolean) => {
    const opened = await chrome.newContext({ baseURL: url, javaScriptEnabled });
    const [name = '', value = ''] = cookie.split('=');
    await opened.addCookies([{ name, value, url }]);
    return opened;
  };
  const { bytes, shift } = await loadWithScripts(await context(true));
  const works = await worksWithoutScripts(await context(false));
  return [
    {
      metric: 'JavaScript sent for `/me/ai-keys`',
      target: `≤ ${TARGET_KIB} KiB as brotli`,
      measured: kib(bytes),
      met: bytes <= TARGET_KIB * 1024,
    },
    {
      metric: '`/me/ai-keys` in the browser',
      target: 'no layout shift; works with JavaScript off',
      measured: `layout shift ${shift.toFixed(3)}; ${works ? 'works' : 'does not work'} with JavaScript off`,
      met: shift === 0 && works,
    },
  ];
}

async function loadWithScripts(context: BrowserContext): Promise<{ bytes: number; shift: number }> {
  const page = await context.newPage();
  let bytes = 0;
  const sized: Promise<void>[] = [];
  page.on('requestfinished', (request) => {
    if (request.resourceType() !== 'script') return;
    const measured = Promise.all([request.sizes(), request.response()]).then(([sizes, response]) => {
      if (response?.headers()['content-encoding'] !== 'br') throw new Error(`${request.url()} is not brotli`);
      bytes += sizes.responseBodySize;
    });
    sized.push(measured);
  });
  await page.goto('/me/ai-keys', { waitUntil: 'load' });
  await page.waitForTimeout(2_000); // what loads late, and what moves late
  await Promise.all(sized);
  const shift = await page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const observer = new PerformanceObserver((list) => {
          const entries = list.getEntries() as (PerformanceEntry & { value: number })[];
          resolve(entries.reduce((sum, { value }) => sum + value, 0));
        });
        observer.observe({ type: 'layout-shift', buffered: true });
        setTimeout(() => resolve(0), 500); // there is nothing to observe
      }),
  );
  return { bytes, shift };
}

/** Requests a key by links and forms alone. */
async function worksWithoutScripts(context: BrowserContext): Promise<boolean> {
  const page = await context.newPage();
  await page.goto('/me/ai-keys/request/echo');
  await page.getByLabel('Purpose').fill('to see that it works');
  await page.getByRole('button', { name: 'Issue key' }).click();
  return await page
    .getByText(/aik_dev_[0-9A-Za-z]{38}/)
    .first()
    .isVisible();
}
