import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { ConfigError, readConfig } from '~/core/config.server';
import { createClientAddress, createRequestId } from '~/net/client-address.server';

/** Returns the client address of a request from `peer` with this X-Forwarded-For. */
function found(peer: string | undefined, forwardedFor: string | undefined, trusted: string[]): string | null {
  const request = { socket: { remoteAddress: peer }, headers: { 'x-forwarded-for': forwardedFor } };
  return createClientAddress(trusted)(request as unknown as IncomingMessage);
}

describe('the client address', () => {
  it('is the socket’s if no proxy is trusted', () => {
    expect(found('127.0.0.1', '203.0.113.9', [])).toBe('127.0.0.1');
    expect(found('::ffff:192.0.2.1', undefined, [])).toBe('192.0.2.1');
    expect(found(undefined, '203.0.113.9', ['127.0.0.1'])).toBeNull();
  });

  it('is what a trusted proxy saw, not what its client sent', () => {
    expect(found('127.0.0.1', '203.0.113.9', ['127.0.0.1'])).toBe('203.0.113.9');
    expect(found('127.0.0.1', '198.51.100.1, 203.0.113.9', ['127.0.0.1'])).toBe('203.0.113.9');
    expect(found('::ffff:127.0.0.1', '2001:db8::7', ['127.0.0.1'])).toBe('2001:db8::7');
  });

  it('is the last untrusted one in a chain of proxies', () => {
    const trusted = ['10.0.0.0/8', 'fd00::/8'];
    expect(found('10.0.0.2', '203.0.113.9, 10.1.1.1, fd00::1', trusted)).toBe('203.0.113.9');
    expect(found('10.0.0.2', '198.51.100.1, 203.0.113.9, 10.1.1.1', trusted)).toBe('203.0.113.9');
    expect(found('10.0.0.2', '10.2.2.2, 10.1.1.1', trusted)).toBe('10.2.2.2');
  });

  it('is the proxy’s if it sends no valid address', () => {
    expect(found('127.0.0.1', undefined, ['127.0.0.1'])).toBe('127.0.0.1');
    expect(found('127.0.0.1', 'unknown', ['127.0.0.1'])).toBe('127.0.0.1');
    expect(found('127.0.0.1', '203.0.113.9, ', ['127.0.0.1'])).toBe('127.0.0.1');
  });

  it('is the socket’s if an untrusted peer connects', () => {
    expect(found('203.0.113.9', '198.51.100.1', ['127.0.0.1', '10.0.0.0/8'])).toBe('203.0.113.9');
  });
});

describe('TRUSTED_PROXIES', () => {
  it('is a list of addresses and networks, empty by default', () => {
    expect(readConfig({}).trustedProxies).toEqual([]);
    expect(readConfig({ TRUSTED_PROXIES: ' 127.0.0.1, ::1,10.0.0.0/8 ' }).trustedProxies).toEqual([
      '127.0.0.1',
      '::1',
      '10.0.0.0/8',
    ]);
  });

  it.each(['proxy.example', '10.0.0.0/33', '10.0.0.0/8/8', '10.0.0', '*', '127.0.0.1;::1'])(
    'must not contain anything else: %s',
    (value) => {
      expect(() => readConfig({ TRUSTED_PROXIES: value })).toThrow(ConfigError);
      expect(() => readConfig({ TRUSTED_PROXIES: value })).toThrow(/^TRUSTED_PROXIES must be .*\.$/);
    },
  );
});

describe('the request id', () => {
  const idOf = (peer: string, given: string | string[] | undefined, trusted: string[]) =>
    createRequestId(trusted)({
      socket: { remoteAddress: peer },
      headers: { 'x-request-id': given },
    } as unknown as IncomingMessage);

  it('is a trusted proxy’s', () => {
    expect(idOf('127.0.0.1', 'f3b1-77aa-edge', ['127.0.0.1'])).toBe('f3b1-77aa-edge');
    expect(idOf('::ffff:10.1.2.3', 'f3b1-77aa-edge', ['10.0.0.0/8'])).toBe('f3b1-77aa-edge');
  });

  it.each([
    ['nobody is trusted', '127.0.0.1', 'f3b1-77aa-edge', []],
    ['it comes from an untrusted address', '192.0.2.1', 'f3b1-77aa-edge', ['127.0.0.1']],
    ['it is too short to tell requests apart', '127.0.0.1', '7', ['127.0.0.1']],
    ['it is longer than any id', '127.0.0.1', 'x'.repeat(101), ['127.0.0.1']],
    ['it has what logs could be broken with', '127.0.0.1', 'abcdefgh\nlevel=60', ['127.0.0.1']],
    ['there is none', '127.0.0.1', undefined, ['127.0.0.1']],
  ])('is new if %s', (_why, peer, given, trusted) => {
    expect(idOf(peer, given, trusted)).toMatch(/^call_[0-9a-z]{20}$/);
  });
});
