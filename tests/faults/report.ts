import type { RunnerTestCase } from 'vitest';

/** `npm run faults` sets this: everything is tried at length. Otherwise each scenario is cut to seconds. */
const FULL = process.env.FAULTS === 'full';

/** How much to try: the short amount as part of `npm test`, the full one in `npm run faults`. */
export const amount = (short: number, full: number): number => (FULL ? full : short);

/** How long a scenario may take, in milliseconds; what runs longer has failed. */
export const limit = (seconds: { short: number; full: number }): { timeout: number } => ({
  timeout: amount(seconds.short, seconds.full) * 1_000,
});

declare module 'vitest' {
  interface TaskMeta {
    /** What a scenario tells: `tried`, `found` and `control` lines, printed by `reporter.mjs`. */
    told?: string[];
  }
}

/** Writes the lines under a scenario's title in the report of `npm run faults`. */
export function teller(task: Readonly<RunnerTestCase>): (line: string) => void {
  return (line) => {
    task.meta.told ??= [];
    task.meta.told.push(line);
  };
}

/** `1 kill`, `25 kills`. */
export const counted = (number: number, noun: string): string =>
  `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`;

/** A source of random numbers in [0, 1) that a seed repeats (Mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}

/** The seed of this run: `FAULTS_SEED`, or one of the day's own, told so that a failure can be repeated. */
export const SEED = Number(process.env.FAULTS_SEED ?? Math.floor(Math.random() * 1_000_000));

/** One of these. */
export function pick<T>(random: () => number, from: readonly T[]): T | undefined {
  return from[Math.floor(random() * from.length)];
}

export const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
