import type { RunnerTestCase } from 'vitest';

/** Set by `npm run faults`, which runs each scenario at full length. Otherwise each takes seconds. */
const FULL = process.env.FAULTS === 'full';

/** How much to try: `short` in `npm test`, `full` in `npm run faults`. */
export const amount = (short: number, full: number): number => (FULL ? full : short);

/** The time limit of a scenario; one that takes longer fails. */
export const limit = (seconds: { short: number; full: number }): { timeout: number } => ({
  timeout: amount(seconds.short, seconds.full) * 1_000,
});

declare module 'vitest' {
  interface TaskMeta {
    /** Lines under the scenario's name in the report: what was tried, found or caught. */
    reportLines?: string[];
  }
}

/** Returns a function that adds a line to the scenario in the report of `npm run faults`. */
export function reportLog(task: Readonly<RunnerTestCase>): (line: string) => void {
  return (line) => {
    task.meta.reportLines ??= [];
    task.meta.reportLines.push(line);
  };
}

/** `1 kill`, `25 kills`. */
export const counted = (number: number, noun: string): string =>
  `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`;

/** Random numbers in [0, 1), the same for the same seed (Mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}

/** The seed of this run: `FAULTS_SEED`, or a random one, which the report names so that a failure can be repeated. */
export const SEED = Number(process.env.FAULTS_SEED ?? Math.floor(Math.random() * 1_000_000));

/** A random item; undefined when there is none. */
export function pick<T>(random: () => number, from: readonly T[]): T | undefined {
  return from[Math.floor(random() * from.length)];
}

export const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
