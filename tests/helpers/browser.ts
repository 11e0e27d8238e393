import AxeBuilder from '@axe-core/playwright';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect } from 'vitest';
import { requireProgram } from './programs.mjs';

/** No sandbox and no GPU, which many machines lack; the rest stops background traffic. */
const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** WCAG 2.2 up to AA, and axe's best practices. */
const AXE_TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

export const THEMES = ['light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: requireProgram('chromium'), headless: true, args: ARGS });
}

export interface PersonOptions {
  theme?: Theme;
  viewport?: { width: number; height: number };
  javaScript?: boolean;
}

/** A browser context with one page, watched for problems. */
export interface Person {
  context: BrowserContext;
  page: Page;
  /** Allows problems that a test causes on purpose. */
  expectProblem(pattern: RegExp): void;
  /** Fails when the browser has reported an error, a violation or a failed request that wasn't expected. */
  expectNoProblems(): void;
}

/** One browser for the tests of a file, launched before and closed after them. */
export function sharedBrowser() {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());
  return {
    newContext: () => browser.newContext(),
    newPerson: (baseURL: string, options?: PersonOptions) => newPerson(browser, baseURL, options),
  };
}

async function newPerson(
  browser: Browser,
  baseURL: string,
  { theme = 'light', viewport = { width: 1280, height: 800 }, javaScript = true }: PersonOptions = {},
): Promise<Person> {
  const context = await browser.newContext({
    baseURL,
    viewport,
    colorScheme: theme,
    javaScriptEnabled: javaScript,
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
    reducedMotion: 'reduce',
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  const problems: string[] = [];
  const expected: RegExp[] = [];
  page.on('pageerror', (error) => problems.push(`uncaught: ${error.stack ?? error.message}`));
  // Violations of the content security policy are console errors too.
  page.on('console', (message) => {
    if (message.type() !== 'error' && message.type() !== 'warning') return;
    // Remix logs this when a navigation interrupts a load.
    if (message.text().startsWith('AbortError: signal is aborted')) return;
    problems.push(`console ${message.type()}: ${message.text()} (${message.location().url})`);
  });
  page.on('requestfailed', (request) => {
    const reason = request.failure()?.errorText ?? '';
    // The page itself aborts streams, prefetches and revalidations. A browser without JavaScript reports scripts as
    // blocked by policy.
    const ignored = reason === 'net::ERR_ABORTED' || (!javaScript && reason === 'csp');
    if (!ignored) problems.push(`${request.method()} ${request.url()}: ${reason}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 500) problems.push(`${response.status()} ${response.url()}`);
  });
  return {
    context,
    page,
    expectProblem: (pattern) => expected.push(pattern),
    expectNoProblems() {
      const reported = problems.splice(0);
      const unexpected = reported.filter((problem) => !expected.some((pattern) => pattern.test(problem)));
      expect(unexpected).toEqual([]);
    },
  };
}

/** Fails when axe finds anything on the page in its current state and theme. */
export async function expectAccessible(page: Page, where: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).withTags(AXE_TAGS).analyze();
  const found = violations.map(
    ({ id, help, nodes }) =>
      `${id}: ${help}\n${nodes.map(({ html, failureSummary }) => `  ${html}\n  ${failureSummary}`).join('\n')}`,
  );
  expect(found, `axe on ${where}`).toEqual([]);
}

/** Runs axe in the light and the dark theme, then restores the theme. */
export async function expectAccessibleInBothThemes(page: Page, where: string): Promise<void> {
  const before = await page.evaluate(() => matchMedia('(prefers-color-scheme: dark)').matches);
  for (const theme of THEMES) {
    await page.emulateMedia({ colorScheme: theme });
    await stillness(page);
    await expectAccessible(page, `${where}, ${theme}`);
  }
  await page.emulateMedia({ colorScheme: before ? 'dark' : 'light' });
}

/** Waits until no animation runs: contrast in the middle of a fade means nothing. */
export async function stillness(page: Page): Promise<void> {
  await page.waitForFunction(() =>
    document.getAnimations().every(({ playState }) => playState !== 'running'),
  );
}

/** Fails when the page scrolls horizontally at 320 CSS pixels, then restores the width. */
export async function expectFitsNarrowScreen(page: Page, where: string): Promise<void> {
  const before = page.viewportSize();
  await page.setViewportSize({ width: 320, height: 640 });
  const wide = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    return [...document.querySelectorAll('body *')]
      .filter((element) => element.getBoundingClientRect().right > clientWidth + 0.5)
      .map((element) => `${element.tagName.toLowerCase()}.${element.getAttribute('class')}`.slice(0, 120));
  });
  if (before !== null) await page.setViewportSize(before);
  expect(wide, `what is wider than 320 px on ${where}`).toEqual([]);
}
