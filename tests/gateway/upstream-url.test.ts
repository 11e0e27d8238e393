import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isConnectionAllowed, upstreamProblem } from '~/gateway/upstream-url';
import { words } from './harness';

const ownOrigin = 'https://keys.example.com';
const strict = { allowsPlainHttp: false, ownOrigin };

describe('an upstream URL', () => {
  test.each([
    ...words(`https://api.openai.com https://api.openai.com/v1 https://api.example.com:8443/some/base/
      https://10.0.0.5 http://127.0.0.1:11434 http://localhost:11434/v1 http://[::1]:11434 http://10.1.2.3
      http://172.31.255.255 http://192.168.0.9:8080 http://100.64.0.1 http://[fd00::1] http://ollama:11434
      http://models.internal http://gpu.local https://xn--bcher-kva.example`),
  ])('is allowed: %s', (url) => {
    expect(upstreamProblem(url, strict)).toBeNull();
  });

  test.each([
    ['not a url', 'must be a URL'],
    ['ftp://api.example.com', 'https://'],
    ['file:///etc/passwd', 'https://'],
    ['javascript:alert(1)', 'https://'],
    ['http://api.example.com', 'Plain http'],
    ['http://8.8.8.8', 'Plain http'],
    ['http://[2001:db8::1]', 'Plain http'],
    ['http://[::ffff:8.8.8.8]', 'Plain http'],
    ['https://user:secret@api.example.com', 'username'],
    ['https://api.example.com@evil.example', 'username'],
    ['https://api.example.com/v1?x=1', 'query'],
    ['https://api.example.com/v1?', 'query'],
    ['https://api.example.com/v1#x', 'fragment'],
    ['https://api.example.com/a/../b', 'dot segments'],
    ['https://api.example.com/a/%2e%2e/b', 'dot segments'],
    ['https://api.example.com//v1', 'dot segments'],
    ['https://api.example.com\\@evil.example', 'dot segments'],
    ['http://169.254.169.254/latest', 'link-local'],
    ['https://169.254.169.254', 'link-local'],
    ['http://[fe80::1]', 'link-local'],
    ['http://100.100.100.200/latest', 'metadata'],
    ['http://[fd00:ec2::254]/latest', 'metadata'],
    ['https://168.63.129.16', 'metadata'],
    ['http://0.0.0.0:3000', 'reserved'],
    ['http://[::]', 'reserved'],
    ['https://255.255.255.255', 'reserved'],
    ['https://keys.example.com', 'it is this server'],
    ['https://keys.example.com:443/gateway/echo', 'it is this server'],
    ['https://KEYS.example.com./x', 'it is this server'],
  ])('is not allowed: %s', (url, why) => {
    expect(upstreamProblem(url, strict)).toContain(why);
  });

  test('is allowed with plain http to a public address if the admin permits it', () => {
    expect(upstreamProblem('http://api.example.com', { ...strict, allowsPlainHttp: true })).toBeNull();
    expect(upstreamProblem('http://169.254.169.254', { ...strict, allowsPlainHttp: true })).not.toBeNull();
  });

  test.each([
    'http://127.0.0.1:3000',
    'http://localhost:3000/x',
    'http://[::1]:3000',
    'http://127.9.9.9:3000',
    'http://2130706433:3000',
  ])('is not allowed if it is this server on loopback: %s', (url) => {
    expect(upstreamProblem(url, { ...strict, ownOrigin: 'http://127.0.0.1:3000' })).toContain('this server');
    expect(upstreamProblem(url, { ...strict, ownPort: 3000 })).toContain('this server');
  });

  test('is allowed on another port of this machine', () => {
    expect(
      upstreamProblem('http://127.0.0.1:3001', {
        ...strict,
        ownOrigin: 'http://localhost:3000',
        ownPort: 3000,
      }),
    ).toBeNull();
  });

  test('never makes the check throw', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.webUrl(),
          fc.string().map((rest) => `http://${rest}`),
        ),
        (text) => {
          const problem = upstreamProblem(text, strict);
          expect(problem === null || problem.endsWith('.')).toBe(true);
        },
      ),
    );
  });
});

test('an address of a host name must follow the same rules as one in an upstream URL', () => {
  expect(isConnectionAllowed({ protocol: 'http:' }, '10.0.0.1', strict)).toBe(true);
  expect(isConnectionAllowed({ protocol: 'http:' }, '8.8.8.8', strict)).toBe(false);
  expect(isConnectionAllowed({ protocol: 'http:' }, '8.8.8.8', { allowsPlainHttp: true })).toBe(true);
  expect(isConnectionAllowed({ protocol: 'https:' }, '8.8.8.8', strict)).toBe(true);
  expect(isConnectionAllowed({ protocol: 'https:' }, '169.254.169.254', strict)).toBe(false);
  expect(isConnectionAllowed({ protocol: 'https:' }, 'nonsense', strict)).toBe(false);
});
