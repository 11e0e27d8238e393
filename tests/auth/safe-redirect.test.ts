import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { safeRedirect } from '~/auth/safe-redirect';

describe('the redirect after signing in', () => {
  it.each([
    '/me/ai-keys',
    '/me/ai-keys/request/openai?environment=production',
    '/admin/audit?actor=a%40b.c',
    '/',
  ])('accepts the path %s', (path) => expect(safeRedirect(path)).toBe(path));

  it.each([
    null,
    '',
    'me',
    'https://evil.example/',
    '//evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/\t/evil.example',
    '/\n/evil.example',
    ' //evil.example',
    '/.//evil.example',
    '/%2e//evil.example',
    '/a/..//evil.example',
    '/a\\..\\evil',
    'javascript:alert(1)',
    '/sign-in?next=/sign-in',
    '/sign-out',
  ])('rejects %j', (next) => {
    expect(safeRedirect(next)).toBeNull();
  });

  it('never leaves this server, whatever the text, as browsers resolve it', () => {
    const pieces = fc.constantFrom(
      ...['/', '\\', '.', '..', '//', 'evil.example', '@', ':', '\t', '\n', '%2f', '%5c', '?', '#'],
    );
    const texts = fc.oneof(
      fc.string(),
      fc.array(pieces).map((parts) => `/${parts.join('')}`),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const path = safeRedirect(text);
        if (path === null) return;
        expect(new URL(path, 'https://keys.example.com/sign-in').origin).toBe('https://keys.example.com');
        expect(safeRedirect(path)).toBe(path);
      }),
      { numRuns: 2_000 },
    );
  });
});
