import AxeBuilder from '@axe-core/playwright';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { expect } from 'vitest';
import { requireProgram } from './programs.mjs';

/** As many machines cannot give a browser a sandbox or a GPU; the rest keeps it from calling home. */
const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** WCAG 2.2 AA and everything below it, and axe's own best practices. */
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

/** Somebody at a browser of their own: one context with one page, watched for everything that goes wrong. */
export interface Person {
  context: BrowserContext;
  page: Page;
  /** Lets one kind of problem pass, where a test brings it about on purpose. */
  expectProblem(pattern: RegExp): void;
  /** Fails when the browser has reported anything that was not expected: errors, violations, lost requests. */
  expectNoProblems(): void;
}

export async function newPerson(
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
  // Violations of the content security policy come as console errors too.
  page.on('console', (message) => {
    if (message.type() !== 'error' && message.type() !== 'warning') return;
    // Remix says so of a load that a person's next step has made needless.
    if (message.text().startsWith('AbortError: signal is aborted')) return;
    problems.push(`console ${message.type()}: ${message.text()} (${message.location().url})`);
  });
  page.on('requestfailed', (request) => {
    const reason = request.failure()?.errorText ?? '';
    // The page itself lets go of what it no longer needs: streams, prefetches, revalidations. A browser that
    // runs no scripts refuses to load any, as if by policy.
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

/** Fails when axe finds anything on the page as it is now, in the page's current theme. */
export async function expectAccessible(page: Page, where: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).withTags(AXE_TAGS).analyze();
  const found = violations.map(
    ({ id, help, nodes }) =>
      `${id}: ${help}\n${nodes.map(({ html, failureSummary }) => `  ${html}\n  ${failureSummary}`).join('\n')}`,
  );
  expect(found, `axe on ${where}`).toEqual([]);
}

/** Runs axe in the light and in the dark theme; leaves the page in the one it had. */
export async function expectAccessibleInBothThemes(page: Page, where: string): Promise<void> {
  const before = await page.evaluate(() => matchMedia('(prefers-color-scheme: dark)').matches);
  for (const theme of THEMES) {
    await page.emulateMedia({ colorScheme: theme });
    await stillness(page);
    await expectAccessible(page, `${where}, ${theme}`);
  }
  await page.emulateMedia({ colorScheme: before ? 'dark' : 'light' });
}

/** Waits until nothing moves or fades: colours in between are nobody's choice. */
export async function stillness(page: Page): Promise<void> {
  await page.waitForFunction(() =>
    document.getAnimations().every(({ playState }) => playState !== 'running'),
  );
}

/** Fails when anything makes the page scroll sideways at 320 CSS pixels; leaves the width as it was. */
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
