import { randomBytes } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';
import { ZxcvbnFactory } from '@zxcvbn-ts/core';
import { adjacencyGraphs, dictionary } from '@zxcvbn-ts/language-common';
import { err, ok, type Result } from '~/core/result';

/** Argon2id (the package's default) at 19 MiB, two passes, one lane. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** The lowest of the estimator's scores (0 to 4) that is let in: 10^8 guesses or more. */
const LOWEST_SCORE = 3;

// What is verified when there is no such account, so that both cases do the same work.
const dummyHash = hash(randomBytes(32), COST);

// One spelling of what a keyboard may send in two (é as one code point or as e with an accent).
const fold = (password: string) => password.normalize('NFKC');

/** The argon2id hash of a password, in the PHC string format with its own salt. */
export function hashPassword(password: string): Promise<string> {
  return hash(fold(password), COST);
}

/**
 * Whether `password` is the one hashed; with null (no such account) the same work is done and the answer is
 * no, so that the time taken tells nobody which accounts exist.
 */
export async function verifyPassword(stored: string | null, password: string): Promise<boolean> {
  const matches = await verify(stored ?? (await dummyHash), fold(password));
  return matches && stored !== null;
}

let estimator: ZxcvbnFactory | undefined;

/**
 * How many ways the estimator reads digits and signs as letters (4 as a, $ as s). Its own hundred makes 128 characters
 * of them half a second's work, during which nothing else is answered, calls at the gateway neither.
 */
const MAX_L33T_SUBSTITUTIONS = 10;

/** Sentences for the estimator's warnings; the others of its warnings come without one. */
const WHY: Record<string, string> = {
  straightRow: 'keys in a row are quick to try',
  keyPattern: 'patterns on the keyboard are quick to try',
  simpleRepeat: 'a repeated character is quick to try',
  extendedRepeat: 'a repeated part adds next to nothing',
  sequences: 'sequences such as abc or 6543 are quick to try',
  recentYears: 'years are quick to try',
  dates: 'dates are quick to try',
  topTen: 'it is one of the most common passwords',
  topHundred: 'it is one of the most common passwords',
  common: 'it is a common password',
  similarToCommon: 'it is close to a common password',
  wordByItself: 'a single word is quick to try',
  userInputs: 'it is made of your own name or e-mail address',
};

/**
 * Refuses (weak-password) what a guesser would try early: common passwords, keyboard runs, dates, repeats,
 * and the person's own name and address.
 *
 * @param about the person's name and e-mail address.
 */
export function checkPasswordStrength(password: string, about: string[]): Result<null> {
  estimator ??= new ZxcvbnFactory({
    dictionary,
    graphs: adjacencyGraphs,
    l33tMaxSubstitutions: MAX_L33T_SUBSTITUTIONS,
  });
  const words = about.flatMap((text) => {
    const parts = text.split(/[^\p{L}\p{N}]+/u);
    const [local = ''] = text.split('@');
    return [text, local, ...parts, parts.join(''), local.replace(/[^\p{L}\p{N}]+/gu, '')];
  });
  const { score, feedback } = estimator.check(password, ['my ai keys', 'myaikeys', ...words]);
  if (score >= LOWEST_SCORE) return ok(null);
  return err('weak-password', { why: feedback.warning === null ? null : WHY[feedback.warning] });
}
