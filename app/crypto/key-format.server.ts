import { hash, randomInt } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { Environment } from '~db/schema/enums';

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const SECRET_LENGTH = 32; // 32 × log2(62) = 190.5 bits
const CHECKSUM_LENGTH = 6; // 62^6 > 2^32
const SHOWN_LENGTH = 6; // of the secret, in the display prefix

const ENVIRONMENT_CODES: Record<Environment, string> = {
  development: 'dev',
  staging: 'stg',
  production: 'prod',
};
const ENVIRONMENTS: Record<string, Environment> = { dev: 'development', stg: 'staging', prod: 'production' };

/** The first part of a raw key: `aik` for a user's key, `ais` for a service account's. */
export type KeyKind = 'aik' | 'ais';

/** The format of a raw key, as published for secret scanners. Doesn't verify the checksum. */
export const RAW_KEY_PATTERN = /^(aik|ais)_(dev|stg|prod)_([0-9A-Za-z]{32})([0-9A-Za-z]{6})$/;

const RAW_KEYS_IN_TEXT = /ai[ks]_(?:dev|stg|prod)_[0-9A-Za-z]{38}/g;
const SECRETS_IN_TEXT = /(ai[ks]_(?:dev|stg|prod)_[0-9A-Za-z]{6})[0-9A-Za-z]+/g;

/** Replaces every raw key in the text, complete or not, with its display prefix. */
export const maskRawKeys = (text: string): string => text.replace(SECRETS_IN_TEXT, '$1…');

/** Finds the first raw key with a valid checksum in a text such as a header or a log line. */
export function findRawKey(text: string): string | null {
  for (const [candidate] of text.matchAll(RAW_KEYS_IN_TEXT)) {
    if (parseRawKey(candidate) !== null) return candidate;
  }
  return null;
}

export interface MintedKey {
  /** The secret. Returned in one response and never stored. */
  rawKey: string;
  /** SHA-256 of the raw key in hexadecimal. Only this is stored. */
  hash: string;
  /** The display prefix, such as `aik_dev_4f0zQ1`. */
  prefix: string;
}

/**
 * Creates a raw key: `<kind>_<env>_<32 base62><6 base62 of CRC-32>`.
 *
 * @param pick returns a random integer in [0, below). `randomInt` uses the system's CSPRNG without bias.
 */
export function mintRawKey(
  environment: Environment,
  kind: KeyKind = 'aik',
  pick: (below: number) => number = (below) => randomInt(below),
): MintedKey {
  let secret = '';
  for (let index = 0; index < SECRET_LENGTH; index++) secret += BASE62[pick(BASE62.length)];
  const head = `${kind}_${ENVIRONMENT_CODES[environment]}_`;
  const rawKey = `${head}${secret}${checksum(head + secret)}`;
  return { rawKey, hash: hashRawKey(rawKey), prefix: head + secret.slice(0, SHOWN_LENGTH) };
}

/** SHA-256 of a raw key in hexadecimal. A fast hash is enough: 190 random bits can't be guessed. */
export function hashRawKey(rawKey: string): string {
  return hash('sha256', rawKey, 'hex');
}

/** Parses a raw key and verifies its checksum, without the database. Returns null if it isn't a My AI Keys key. */
export function parseRawKey(text: string): { kind: KeyKind; environment: Environment } | null {
  const match = RAW_KEY_PATTERN.exec(text);
  if (match === null) return null;
  const [, kind, code = ''] = match;
  const environment = ENVIRONMENTS[code];
  if (environment === undefined || checksum(text.slice(0, -CHECKSUM_LENGTH)) !== text.slice(-CHECKSUM_LENGTH))
    return null;
  return { kind: kind === 'ais' ? 'ais' : 'aik', environment };
}

/** CRC-32 (IEEE, as in zip) as six base62 digits, most significant first. */
function checksum(text: string): string {
  let rest = crc32(text);
  let digits = '';
  for (let place = 0; place < CHECKSUM_LENGTH; place++) {
    digits = BASE62[rest % 62] + digits;
    rest = Math.floor(rest / 62);
  }
  return digits;
}
