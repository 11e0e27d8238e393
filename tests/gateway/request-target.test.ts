import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isSafePath, parseRequestTarget } from '~/gateway/request-target';
import { words } from './harness';

describe('parseRequestTarget', () => {
  test.each([
    ['/gateway/openai/v1/models?a=b', 'proxy', 'openai', '/v1/models', '?a=b'],
    ['/gateway/openai', 'proxy', 'openai', '', ''],
    ['/gateway/openai/', 'proxy', 'openai', '/', ''],
    ['/gateway/openai?x', 'proxy', 'openai', '', '?x'],
    ['/gateway/openai/a?b?c=/d', 'proxy', 'openai', '/a', '?b?c=/d'],
    ['/gateway/gemini/v1beta/models/m:generate', 'proxy', 'gemini', '/v1beta/models/m:generate', ''],
    ['/verify/openai/anything/at/all', 'verify', 'openai', '/anything/at/all', ''],
    ['http://elsewhere.example/gateway/openai/v1', 'proxy', 'openai', '/v1', ''],
    ['HTTPS://user@elsewhere:1/gateway/openai/v1', 'proxy', 'openai', '/v1', ''],
    ['/gateway', 'proxy', '', '', ''],
    ['/gateway/', 'proxy', '', '', ''],
    ['/gateway//evil.example/v1', 'proxy', '', '/evil.example/v1', ''],
    ['/gateway/openai@evil.example/v1', 'proxy', 'openai@evil.example', '/v1', ''],
  ])('splits %s into endpoint, tool, path and query', (url, endpoint, slug, path, query) => {
    expect(parseRequestTarget(url)).toEqual({ endpoint, slug, path, query });
  });

  test.each([
    '/',
    ...words(`/gateways/openai /me/ai-keys /GATEWAY/openai //gateway/openai * ftp://x/gateway/openai
      /a/gateway/openai`),
    '',
  ])('returns null for %s', (url) => {
    expect(parseRequestTarget(url)).toBeNull();
  });
});

describe('isSafePath', () => {
  test.each([
    '',
    '/',
    ...words(`/v1/chat/completions /v1beta/models/gemini-2.5-pro:streamGenerateContent /v1/files/file-abc.txt
      /openai/deployments/my%20model/x /models/meta%2Fllama-3 /v1/.well-known/x /v1/... /v1/a..b
      /@evil.example/ /v1/caf%C3%A9 /100% /v1/files/a%252520b`),
  ])('accepts %s', (path) => {
    expect(isSafePath(path)).toBe(true);
  });

  test.each([
    ...words(`/.. /../x /v1/../../x /v1/./x /v1/. /%2e%2e/x /%2E./x /.%2e/x /%252e%252e/x /%25252e%25252e/x
      /a%2f..%2fb /a%2f%2e%2e%2fb /a%5c..%5cb /..;/x /..%3bp=1/x //evil.example/x /v1//x
      /http://evil.example/x /v1/#x /v1/%00 /v1/%0d%0aHost:%20evil.example /%0a../x /%250a%2e%2e/x
      /%c0%ae%c0%ae/x /%c1%9c v1 @evil.example/ /%2525252525252e`),
    '/v1\\x',
    '/\\evil.example',
    '/v1\r\nHost: evil.example',
    '/v1 x',
  ])('rejects %j', (path) => {
    expect(isSafePath(path)).toBe(false);
  });

  test('accepts only paths that stay inside the base path however they are decoded', () => {
    const piece = fc.constantFrom(
      ...words(`.. . / // %2e %2E %2f %5c %25 2e 2f a ; % @ : # %c0%ae http: evil.example %0d%0a`),
      '\\',
      ' ',
      '\r\n',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const path = `/${pieces.join('')}`;
        fc.pre(isSafePath(path));
        for (let reading = path, round = 0; round < 4; round++) {
          for (const text of [reading, reading.replaceAll('\\', '/')]) {
            const url = new URL(`https://api.example.com/base${text}`);
            expect(url.host).toBe('api.example.com');
            expect(url.pathname.startsWith('/base/') || url.pathname === '/base').toBe(true);
          }
          reading = decodeOnce(reading);
        }
      }),
      { numRuns: 5_000 },
    );
  });
});

const decodeOnce = (text: string): string =>
  text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
