import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { extractKeys, removeKeyParameters } from '~/gateway/extract-keys';

describe('extractKeys', () => {
  test.each([
    [['Authorization', 'Bearer abc'], '', ['abc']],
    [['authorization', 'bearer   abc'], '', ['abc']],
    [['AUTHORIZATION', 'BEARER abc'], '', ['abc']],
    [['Authorization', 'Basic abc'], '', []],
    [['Authorization', 'abc'], '', []],
    [['Authorization', 'Bearer'], '', []],
    [['Authorization', 'Bearer a b'], '', []],
    [['X-Api-Key', 'abc'], '', ['abc']],
    [['api-key', 'abc'], '', ['abc']],
    [['x-goog-api-key', 'abc'], '', ['abc']],
    [['x-goog-api-key', ''], '', []],
    [['x-other', 'abc'], '', []],
    [[], '?key=abc', ['abc']],
    [[], '?a=b&key=abc&c=d', ['abc']],
    [[], '?%6b%65y=abc', ['abc']],
    [[], '?key=a%62c', ['abc']],
    [[], '?key=', []],
    [[], '?key', []],
    [[], '?monkey=abc&keys=abc', []],
    [[], '?key=%', ['%']],
    [
      ['Authorization', 'Bearer one', 'x-api-key', 'two', 'Authorization', 'Bearer three'],
      '?key=four',
      ['one', 'two', 'three', 'four'],
    ],
  ])('finds in headers %j and query %j: %j', (rawHeaders, query, keys) => {
    expect(extractKeys(rawHeaders, query)).toEqual(keys);
  });
});

describe('removeKeyParameters', () => {
  test.each([
    ['', ''],
    ['?', '?'],
    ['?a=b', '?a=b'],
    ['?key=abc', ''],
    ['?key=abc&a=b', '?a=b'],
    ['?a=b&key=abc&c=%20+&d', '?a=b&c=%20+&d'],
    ['?a=b&&c', '?a=b&&c'],
    ['?k%65y=abc&a', '?a'],
    ['?key&a', '?a'],
    ['?monkey=1', '?monkey=1'],
    ['?alt=sse&key=x&key=y', '?alt=sse'],
    ['?a=%zz&key=x', '?a=%zz'],
  ])('turns %s into %j', (query, out) => {
    expect(removeKeyParameters(query)).toBe(out);
  });

  test('removes every key parameter and nothing else', () => {
    const part = fc.oneof(
      fc.constantFrom('key=secret', 'key', '%6bey=secret', 'k%65%79=secret', ''),
      fc.stringMatching(/^[a-z%=+._0-9]{0,12}$/),
    );
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        const out = removeKeyParameters(`?${parts.join('&')}`);
        expect(out).not.toContain('secret');
        expect(new URLSearchParams(out).has('key')).toBe(false);
        const rest = parts.filter((text) => !new URLSearchParams(text).has('key'));
        if (rest.length > 0) expect(out).toBe(`?${rest.join('&')}`);
      }),
    );
  });
});
