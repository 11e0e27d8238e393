import { hash, randomInt } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { Environment } from '~db/schema/enums';

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const SECRET_LENGTH = 32; // 32 × log2(62) = 190.5 bits
const CHECKSUM_LENGTH = 6; // 62^6 > 2^32
const SHOWN_LENGTH = 6;

const SHORT: Record<Environment, string> = { development: 'dev', staging: 'stg', production: 'prod' };
const LONG: Record<string, Environment> = { dev: 'development', stg: 'staging', prod: 'production' };

/** Who holds a key, as its first letters say: `aik` a person, `ais` a service account. */
export type KeyKind = 'aik' | 'ais';

/** The pattern of a raw key, as published for secret scanners; the checksum is beyond it. */
export const RAW_KEY_PATTERN = /^(aik|ais)_(dev|stg|prod)_([0-9A-Za-z]{32})([0-9A-Za-z]{6})$/;

const RAW_KEYS_WITHIN = /ai[ks]_(?:dev|stg|prod)_[0-9A-Za-z]{38}/g;
const SECRETS_WITHIN = /(ai[ks]_(?:dev|stg|prod)_[0-9A-Za-z]{6})[0-9A-Za-z]+/g;

/** The text with every raw key in it, whole or in part, cut down to its display prefix. */
export const maskRawKeys = (text: string): string => text.replace(SECRETS_WITHIN, '$1…');

/** The first raw key with a right checksum within the text, such as a header or a line of settings. */
export function findRawKey(text: string): string | null {
  for (const [candidate] of text.matchAll(RAW_KEYS_WITHIN)) {
    if (parseRawKey(candidate) !== null) return candidate;
  }
  return null;
}

export interface MintedKey {
  /** The secret. Handed to one answer and never stored. */
  rawKey: string;
  /** SHA-256 of the raw key, hexadecimal: what the database keeps. */
  hash: string;
  /** What people recognise the key by, such as `aik_dev_4f0zQ1`. */
  prefix: string;
}

/**
 * Makes a new raw key: `<kind>_<env>_<32 base62><6 base62 of CRC-32>`. `randomInt` draws from the system's
 * CSPRNG and rejects what would bias the letters.
 *
 * @param kind who is to hold it.
 * @param pick draws an integer in [0, below); an argument so that tests can hold it still.
 */
export function mintRawKey(
  environment: Environment,
  kind: KeyKind = 'aik',
  pick: (below: number) => number = (below) => randomInt(below),
): MintedKey {
  let secret = '';
  for (let drawn = 0; drawn < SECRET_LENGTH; drawn++) secret += BASE62[pick(BASE62.length)];
  const head = `${kind}_${SHORT[environment]}_`;
  const rawKey = `${head}${secret}${checksum(head + secret)}`;
  return { rawKey, hash: hashRawKey(rawKey), prefix: head + secret.slice(0, SHOWN_LENGTH) };
}

/** SHA-256 of a raw key, hexadecimal. The secret has 190 bits, so a fast hash cannot be searched. */
export function hashRawKey(rawKey: string): string {
  return hash('sha256', rawKey, 'hex');
}

/** What the shape and checksum of `text` say, without the database; null when it is no key of ours. */
export function parseRawKey(text: string): { kind: KeyKind; environment: Environment } | null {
  const match = RAW_KEY_PATTERN.exec(text);
  if (match === null) return null;
  const [, kind, short] = match;
  const environment = short === undefined ? undefined : LONG[short];
  if (environment === undefined) return null;
  if (!endsWithItsChecksum(text)) return null;
  return { kind: kind === 'ais' ? 'ais' : 'aik', environment };
}

/** The same digits as `checksum` writes, compared one by one: this is on the way of every call of the gateway. */
function endsWithItsChecksum(text: string): boolean {
  let rest = crc32(text.slice(0, -CHECKSUM_LENGTH));
  for (let place = 1; place <= CHECKSUM_LENGTH; place++) {
    if (text[text.length - place] !== BASE62[rest % 62]) return false;
    rest = Math.floor(rest / 62);
  }
  return true;
}

/** CRC-32 (IEEE, as in zip) of the text, as six base62 characters, most significant first. */
function checksum(text: string): string {
  let rest = crc32(text);
  let digits = '';
  for (let place = 0; place < CHECKSUM_LENGTH; place++) {
    digits = BASE62[rest % 62] + digits;
    rest = Math.floor(rest / 62);
  }
  return digits;
}
