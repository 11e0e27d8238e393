import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type RunningServer, startServer } from '../helpers/server';
import { Cleanup } from './processes';

/** One line of the table. */
export interface Row {
  metric: string;
  target: string;
  measured: string;
  /** Null when there is no target. */
  met: boolean | null;
}

/** What a scenario receives. */
export interface Bench {
  /** An empty folder. */
  folder: string;
  cleanup: Cleanup;
  /** Length and number of the rounds of load for each contender. */
  seconds: number;
  rounds: number;
  /** Shorter and smaller in everything, to check that it works. */
  quick: boolean;
  log(line: string): void;
  /** Starts the built server on this data directory; the cleanup stops it. */
  serve(dataDir: string, settings?: Record<string, string>): Promise<RunningServer>;
}

export type Scenario = (bench: Bench) => Promise<Row[]>;

/** Runs one scenario in its own folder, then stops everything that it started. */
export async function runScenario(
  name: string,
  scenario: Scenario,
  { folder, quick }: { folder: string; quick: boolean },
): Promise<Row[]> {
  const own = join(folder, name);
  mkdirSync(own, { recursive: true });
  const cleanup = new Cleanup();
  try {
    return await scenario({
      folder: own,
      cleanup,
      seconds: quick ? 1 : 5,
      rounds: quick ? 2 : 7,
      quick,
      log: (line) => console.error(`  ${line}`),
      async serve(dataDir, settings = {}) {
        mkdirSync(dataDir, { recursive: true });
        const server = await startServer({ settings: { DATA_DIR: dataDir, LOG_LEVEL: 'info', ...settings } });
        cleanup.add(() => server.stop());
        return server;
      },
    });
  } finally {
    await cleanup.run();
  }
}

export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = Number.NaN, high = Number.NaN] = [
    sorted[sorted.length % 2 === 0 ? middle - 1 : middle],
    sorted[middle],
  ];
  return (low + high) / 2;
}

/** The smallest number that at least this share (0 to 1) of the numbers doesn't exceed. */
export function percentile(numbers: readonly number[], share: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * share) - 1] ?? Number.NaN;
}

/** Median and range, such as `0.86 (0.84–0.88)`. */
export function spread(numbers: readonly number[], digits = 2): string {
  const text = (number: number) => number.toFixed(digits);
  return `${text(median(numbers))} (${text(Math.min(...numbers))}–${text(Math.max(...numbers))})`;
}

/** A whole number with thousands separators. */
export const whole = (number: number): string => Math.round(number).toLocaleString('en-US');

export const kib = (bytes: number): string => `${(bytes / 1024).toFixed(1)} KiB`;
export const mib = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
