import { expect, it } from 'vitest';
import { createContext } from '~/api/context.server';
import { redirectWithFlash, takeFlash } from '~/api/flash.server';
import type { App } from '~/server/create-app.server';
import { TEST_ORIGIN, testApp } from '../helpers/app';

/** A browser's cookies and its requests to the server. */
async function browser(settings: Partial<App['config']> = {}) {
  const app = await testApp();
  const jar = new Map<string, string>();
  const headers: string[] = [];
  const args = (path: string) => {
    const setCookie = (header: string) => {
      headers.push(header);
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(header) ?? [];
      if (header.includes('Max-Age=0')) jar.delete(name);
      else jar.set(name, value);
    };
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    return {
      request: new Request(`http://keys.test${path}`, { headers: { cookie } }),
      context: {
        trpc: createContext({ ...app, config: { ...app.config, ...settings } }, TEST_ORIGIN, null, setCookie),
        nonce: '',
        cookies: [],
      },
    };
  };
  return { args, jar, headers };
}

it('is shown once, on the page that the action redirects to', async () => {
  const { args } = await browser();
  const response = await redirectWithFlash(args('/form'), '/list?q=ada', 'Saved.');
  expect([response.status, response.headers.get('location')]).toEqual([303, '/list?q=ada']);
  expect(await takeFlash(args('/other'))).toBeNull();
  expect(await takeFlash(args('/list.data?q=ada'))).toMatchObject({ tone: 'good', message: 'Saved.' });
  expect(await takeFlash(args('/list?q=ada'))).toBeNull();
});

it('can’t be forged or changed', async () => {
  const { args, jar } = await browser();
  await redirectWithFlash(args('/form'), '/list', 'Saved.');
  const [[name = '', value = ''] = []] = [...jar];
  const stored = Buffer.from(decodeURIComponent(value).split('.')[0] ?? '', 'base64').toString();
  expect(stored).toContain('Saved.');
  const forged = Buffer.from(stored.replace('Saved.', 'Stolen')).toString('base64');
  for (const cookie of [forged, `${forged}.${value.split('.')[1]}`, 'x', '']) {
    jar.set(name, encodeURIComponent(cookie));
    expect(await takeFlash(args('/list')), cookie).toBeNull();
  }
});

it.each([
  [true, /^__Host-my-ai-keys-flash=.*; Max-Age=60; Path=\/; HttpOnly; Secure; SameSite=Lax$/],
  [false, /^my-ai-keys-flash=.*; Max-Age=60; Path=\/; HttpOnly; SameSite=Lax$/],
])('is in a short-lived cookie that scripts can’t read (https: %s)', async (secure, pattern) => {
  const { args, headers } = await browser({ secure });
  await redirectWithFlash(args('/form'), '/list', 'Saved.');
  expect(headers).toEqual([expect.stringMatching(pattern)]);
});
