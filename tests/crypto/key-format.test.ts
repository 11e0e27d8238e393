import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  hashRawKey,
  type KeyKind,
  maskRawKeys,
  mintRawKey,
  parseRawKey,
  RAW_KEY_PATTERN,
} from '~/crypto/key-format.server';
import { type Environment, environments } from '~db/schema/enums';

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const anyEnvironment = fc.constantFrom<Environment>(...environments);
const anyKind = fc.constantFrom<KeyKind>('aik', 'ais');
const anyKey = fc
  .tuple(anyEnvironment, anyKind, fc.array(fc.nat(61), { minLength: 32, maxLength: 32 }))
  .map(([environment, kind, digits]) => {
    let drawn = 0;
    return mintRawKey(environment, kind, () => digits[drawn++] ?? 0).rawKey;
  });

describe('a raw key', () => {
  test.each([
    ['development', 'aik', 'aik_dev_'],
    ['staging', 'aik', 'aik_stg_'],
    ['production', 'aik', 'aik_prod_'],
    ['development', 'ais', 'ais_dev_'],
    ['staging', 'ais', 'ais_stg_'],
    ['production', 'ais', 'ais_prod_'],
  ] as const)('for %s and kind %s starts with %s', (environment, kind, head) => {
    const { rawKey, hash, prefix } = mintRawKey(environment, kind);
    expect(rawKey).toMatch(RAW_KEY_PATTERN);
    expect(rawKey.startsWith(head)).toBe(true);
    expect(rawKey).toHaveLength(head.length + 32 + 6);
    expect(prefix).toBe(rawKey.slice(0, head.length + 6));
    expect(hash).toBe(hashRawKey(rawKey));
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(parseRawKey(rawKey)).toEqual({ kind, environment });
  });

  test('ends with the CRC-32 of the rest as six base62 characters', () => {
    const { rawKey } = mintRawKey('production', 'aik', () => 0);
    expect(crc32(rawKey.slice(0, -6))).toBe(fromBase62(rawKey.slice(-6)));
  });

  test('has 32 unbiased base62 characters, at least 190 bits', () => {
    expect(32 * Math.log2(62)).toBeGreaterThanOrEqual(190);
    const bounds: number[] = [];
    mintRawKey('development', 'aik', (below) => {
      bounds.push(below);
      return 0;
    });
    expect(bounds).toEqual(Array(32).fill(62)); // one unbiased pick from 62 per character

    const counts = new Map([...BASE62].map((character) => [character, 0]));
    const minted = 2_000;
    for (let index = 0; index < minted; index++) {
      for (const character of mintRawKey('development').rawKey.slice('aik_dev_'.length, -6)) {
        counts.set(character, (counts.get(character) ?? 0) + 1);
      }
    }
    expect(counts.size).toBe(62);
    const expected = (minted * 32) / 62;
    const chiSquared = [...counts.values()].reduce(
      (sum, count) => sum + (count - expected) ** 2 / expected,
      0,
    );
    // 61 degrees of freedom: exceeded by chance in one of ten million runs, but always with `byte % 62` (over 150).
    expect(chiSquared).toBeLessThan(135);
  });

  test('is never minted twice', () => {
    const minted = new Set(Array.from({ length: 1_000 }, () => mintRawKey('staging').rawKey));
    expect(minted.size).toBe(1_000);
  });

  test('is parsed in every environment and kind', () => {
    fc.assert(
      fc.property(anyKey, (rawKey) => {
        expect(parseRawKey(rawKey)).not.toBeNull();
      }),
    );
  });

  test('with one mistyped character is rejected', () => {
    fc.assert(
      fc.property(anyKey, fc.nat(), fc.constantFrom(...BASE62), (rawKey, place, letter) => {
        const at = 8 + (place % (rawKey.length - 8));
        fc.pre(rawKey[at] !== letter && rawKey[at] !== '_');
        expect(parseRawKey(rawKey.slice(0, at) + letter + rawKey.slice(at + 1))).toBeNull();
      }),
    );
  });

  test('with two swapped characters is rejected', () => {
    fc.assert(
      fc.property(anyKey, fc.nat(), (rawKey, place) => {
        const start = rawKey.lastIndexOf('_') + 1;
        const at = start + (place % (rawKey.length - start - 1));
        fc.pre(rawKey[at] !== rawKey[at + 1]);
        const swapped = `${rawKey.slice(0, at)}${rawKey[at + 1]}${rawKey[at]}${rawKey.slice(at + 2)}`;
        expect(parseRawKey(swapped)).toBeNull();
      }),
    );
  });

  test('truncated, lengthened or prefixed is rejected', () => {
    fc.assert(
      fc.property(anyKey, fc.nat(45), fc.string({ minLength: 1 }), (rawKey, length, more) => {
        expect(parseRawKey(rawKey.slice(0, length))).toBeNull();
        expect(parseRawKey(rawKey + more)).toBeNull();
        expect(parseRawKey(more + rawKey)).toBeNull();
      }),
    );
  });

  test('changed to another environment or kind is rejected', () => {
    const { rawKey } = mintRawKey('development');
    expect(parseRawKey(rawKey.replace('_dev_', '_prod_'))).toBeNull();
    expect(parseRawKey(rawKey.replace('aik_', 'ais_'))).toBeNull();
  });

  test('is distinguished from any other text, and no text makes the parser throw', () => {
    const lookalike = fc.stringMatching(/^(aik|ais)_(dev|stg|prod)_[0-9A-Za-z]{38}$/);
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' }), lookalike), (text) => {
        expect(parseRawKey(text)).toBeNull(); // a lookalike passes by chance in one of 4 × 10⁹ cases
      }),
    );
    for (const foreign of [
      '',
      'sk-proj-abc',
      'sk-ant-api03-abc',
      'AIzaSyA',
      'Bearer',
      'aik_dev_',
      'aik_test_x',
    ])
      expect(parseRawKey(foreign)).toBeNull();
  });

  test('is masked in any text', () => {
    fc.assert(
      fc.property(anyKey, fc.string(), fc.string(), (rawKey, before, after) => {
        const masked = maskRawKeys(`${before} ${rawKey} ${after}`);
        expect(masked).not.toContain(rawKey.slice(-38));
      }),
    );
  });
});

/** An independent bit-by-bit CRC-32. */
function crc32(text: string): number {
  let crc = 0xffffffff;
  for (const byte of Buffer.from(text)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}

const fromBase62 = (text: string): number =>
  [...text].reduce((value, letter) => value * 62 + BASE62.indexOf(letter), 0);
