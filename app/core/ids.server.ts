import { randomBytes } from 'node:crypto';

const ALPHABET = '0123456789abcdefghijkmnpqrstuvwxyz';

/** Public ids, told apart by their first letters. */
export type IdPrefix = 'key' | 'req' | 'usr' | 'inv' | 'rst' | 'sva' | 'tool' | 'call';

/** A new id such as `key_4f0z…`: the prefix and 20 random characters (100 bits or more), no secret. */
export function newId(prefix: IdPrefix): string {
  let id = `${prefix}_`;
  // 34 letters into 256 values leaves a bias of a fraction of a bit: fine for ids, never used for secrets.
  for (const byte of randomBytes(20)) id += ALPHABET[byte % ALPHABET.length];
  return id;
}
