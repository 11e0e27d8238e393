import { randomBytes } from 'node:crypto';

const ALPHABET = '0123456789abcdefghijkmnpqrstuvwxyz';

/** The prefix of a public id says what it identifies. */
export type IdPrefix = 'key' | 'req' | 'usr' | 'inv' | 'rst' | 'sva' | 'tool' | 'call';

/** A new id such as `key_4f0z…`: the prefix and 20 random characters (over 100 bits). Not a secret. */
export function newId(prefix: IdPrefix): string {
  let id = `${prefix}_`;
  // 256 isn't a multiple of 34, so some characters are slightly more likely. Fine for ids, not for secrets.
  for (const byte of randomBytes(20)) id += ALPHABET[byte % ALPHABET.length];
  return id;
}
