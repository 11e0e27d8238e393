import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type RunningServer, startServer } from '../helpers/server';
import { Cleanup } from './processes';

/** One line of the table. */
export interface Row {
  what: string;
  mustReach: string;
  reached: string;
  /** Null where there is nothing to reach. */
  met: boolean | null;
}

/** What a scenario works with. */
export interface Bench {
  /** An empty folder of its own. */
  folder: string;
  cleanup: Cleanup;
  /** How long and how often one contender is put under load. */
  seconds: number;
  rounds: number;
  /** Shorter and smaller in everything: to see that it works. */
  quick: boolean;
  say(line: string): void;
  /** The built server on this data folder, until the clean-up. */
  serve(dataDir: string, settings?: Record<string, string>): Promise<RunningServer>;
}

export type Scenario = (bench: Bench) => Promise<Row[]>;

/** Runs one scenario in a folder of its own and ends everything that it started. */
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
      say: (line) => console.error(`  ${line}`),
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

/** The one in the middle. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = Number.NaN, high = Number.NaN] = [
    sorted[sorted.length % 2 === 0 ? middle - 1 : middle],
    sorted[middle],
  ];
  return (low + high) / 2;
}

/** The number below which this share of them lies. */
export function percentile(numbers: readonly number[], share: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * share) - 1] ?? Number.NaN;
}

/** The middle one and the range, such as `0.86 (0.84–0.88)`. */
export function spread(numbers: readonly number[], digits = 2): string {
  const text = (number: number) => number.toFixed(digits);
  return `${text(median(numbers))} (${text(Math.min(...numbers))}–${text(Math.max(...numbers))})`;
}

/** A count with its thousands apart. */
export const whole = (number: number): string => Math.round(number).toLocaleString('en-US');

export const kib = (bytes: number): string => `${(bytes / 1024).toFixed(1)} KiB`;
export const mib = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
