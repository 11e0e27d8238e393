import { type Bench, median } from './bench';
import { type Load, type LoadResult, putLoad } from './load';

export type Contender = Pick<Load, 'url' | 'headers' | 'keys' | 'body' | 'pid'>;

/** What each contender measured, round by round. */
export type Rounds<Name extends string> = Record<Name, LoadResult[]>;

/**
 * Puts the contenders under the same load in turn, round after round, so that other work on the machine affects all of
 * them. Every other round is in reverse order.
 */
export async function compare<Name extends string>(
  { folder, seconds, rounds, log }: Bench,
  contenders: Record<Name, Contender>,
  connections: number,
): Promise<Rounds<Name>> {
  const names = Object.keys(contenders) as Name[];
  const results = Object.fromEntries(names.map((name) => [name, [] as LoadResult[]])) as Rounds<Name>;
  for (const name of names) await putLoad(folder, { ...contenders[name], connections, seconds: 2 });
  for (let round = 0; round < rounds; round++) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const result = await putLoad(folder, { ...contenders[name], connections, seconds });
      results[name].push(result);
    }
    const line = names.map((name) => {
      const last = results[name].at(-1);
      return `${name} ${last?.perSecond.toFixed(0)}/s, p50 ${last?.p50Ms.toFixed(2)} ms, ${last?.cpuUs.toFixed(0)} µs of CPU`;
    });
    log(`round ${round + 1}: ${line.join('; ')}`);
  }
  return results;
}

/** One contender's figure divided by another's, round by round: what disturbs both in a round cancels out. */
export function ratios(
  one: readonly LoadResult[],
  other: readonly LoadResult[],
  figure: (result: LoadResult) => number,
): number[] {
  return one.map((result, round) => {
    const compared = other[round];
    return compared === undefined ? Number.NaN : figure(result) / figure(compared);
  });
}

export const perSecond = ({ perSecond: figure }: LoadResult): number => figure;

/** Processor time per request of both; on a shared machine it varies less than throughput. */
export function cpuTimes(ours: readonly LoadResult[], other: readonly LoadResult[]): string {
  const of = (results: readonly LoadResult[]) => medianOf(results, ({ cpuUs }) => cpuUs).toFixed(0);
  return Number.isNaN(other[0]?.cpuUs) ? `${of(ours)} µs of CPU` : `${of(ours)} to ${of(other)} µs of CPU`;
}

export const p50 = ({ p50Ms }: LoadResult): number => p50Ms;
export const medianOf = (results: readonly LoadResult[], figure: (result: LoadResult) => number): number =>
  median(results.map(figure));
