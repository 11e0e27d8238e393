import { randomBytes } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';
import { ZxcvbnFactory } from '@zxcvbn-ts/core';
import { adjacencyGraphs, dictionary } from '@zxcvbn-ts/language-common';
import { err, ok, type Result } from '~/core/result';

/** Argon2id (the package's default) with 19 MiB, two passes and one lane. */
const HASH_OPTIONS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** The lowest zxcvbn score (0 to 4) accepted: at least 10^8 guesses. */
const MIN_SCORE = 3;

/** zxcvbn's l33t substitution limit. The default (100) blocks the event loop for 500 ms on a 128-character password. */
const MAX_L33T_SUBSTITUTIONS = 10;

// Verified when the account doesn't exist, so that both cases take the same time.
const dummyHash = hash(randomBytes(32), HASH_OPTIONS);

// Keyboards send é as one code point or as e and a combining accent.
const normalize = (password: string) => password.normalize('NFKC');

/** The argon2id hash of a password as a PHC string, including its salt. */
export function hashPassword(password: string): Promise<string> {
  return hash(normalize(password), HASH_OPTIONS);
}

/**
 * Checks `password` against a stored hash; null means there is no such account. Always does the same work,
 * otherwise the response time would reveal which accounts exist.
 */
export async function verifyPassword(stored: string | null, password: string): Promise<boolean> {
  const matches = await verify(stored ?? (await dummyHash), normalize(password));
  return matches && stored !== null;
}

let zxcvbn: ZxcvbnFactory | undefined;

/** Messages for zxcvbn's warnings. Its other warnings are shown without an explanation. */
const WARNINGS: Record<string, string> = {
  straightRow: 'keys in a row are easy to guess',
  keyPattern: 'keyboard patterns are easy to guess',
  simpleRepeat: 'repeated characters are easy to guess',
  extendedRepeat: 'repeating a part adds almost nothing',
  sequences: 'sequences such as abc or 6543 are easy to guess',
  recentYears: 'years are easy to guess',
  dates: 'dates are easy to guess',
  topTen: 'it is one of the most common passwords',
  topHundred: 'it is one of the most common passwords',
  common: 'it is a common password',
  similarToCommon: 'it is similar to a common password',
  wordByItself: 'a single word is easy to guess',
  userInputs: 'it is based on your name or email address',
};

/**
 * Rejects common passwords, keyboard runs, dates, repeats, and the user's own name and email address.
 * Errors: weak-password, with the explanation in `details.why` if there is one.
 *
 * @param personal the user's name and email address.
 */
export function checkPasswordStrength(password: string, personal: string[]): Result<null> {
  zxcvbn ??= new ZxcvbnFactory({
    dictionary,
    graphs: adjacencyGraphs,
    l33tMaxSubstitutions: MAX_L33T_SUBSTITUTIONS,
  });
  const userInputs = ['my ai keys', 'myaikeys', ...personal.flatMap(guessesFrom)];
  const { score, feedback } = zxcvbn.check(password, userInputs);
  if (score >= MIN_SCORE) return ok(null);
  return err('weak-password', { why: feedback.warning === null ? null : WARNINGS[feedback.warning] });
}

/** What an attacker derives from a name or an email address: its words, alone and joined. */
function guessesFrom(text: string): string[] {
  const words = text.split(/[^\p{L}\p{N}]+/u);
  const [localPart = ''] = text.split('@');
  return [text, localPart, ...words, words.join(''), localPart.replace(/[^\p{L}\p{N}]+/gu, '')];
}
