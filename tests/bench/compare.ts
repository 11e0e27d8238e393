import { type Bench, median } from './bench';
import { type Load, type LoadResult, putLoad } from './load';

export type Contender = Pick<Load, 'url' | 'headers' | 'keys' | 'body' | 'pid'>;

/** What each contender reached, round by round. */
export type Rounds<Name extends string> = Record<Name, LoadResult[]>;

/**
 * Puts the contenders under the same load one after the other, round after round, so that what else happens on
 * the machine falls on all of them. Every other round goes backwards.
 */
export async function compare<Name extends string>(
  { folder, seconds, rounds, say }: Bench,
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
      return `${name} ${last?.perSecond.toFixed(0)}/s, p50 ${last?.p50Ms.toFixed(2)} ms, ${last?.cpuUs.toFixed(0)} µs of processor`;
    });
    say(`round ${round + 1}: ${line.join('; ')}`);
  }
  return results;
}

/** One contender's figure over another's, round by round: what both suffered in a round cancels out. */
export function ratios(
  one: readonly LoadResult[],
  other: readonly LoadResult[],
  figure: (result: LoadResult) => number,
): number[] {
  return one.map((result, round) => {
    const beside = other[round];
    return beside === undefined ? Number.NaN : figure(result) / figure(beside);
  });
}

export const perSecond = ({ perSecond: figure }: LoadResult): number => figure;
/** Processor time a request of ours and of the other; steadier than throughput on a machine that is shared. */
export function cpuTimes(ours: readonly LoadResult[], other: readonly LoadResult[]): string {
  const of = (results: readonly LoadResult[]) => medianOf(results, ({ cpuUs }) => cpuUs).toFixed(0);
  return Number.isNaN(other[0]?.cpuUs)
    ? `${of(ours)} µs of processor`
    : `${of(ours)} to ${of(other)} µs of processor`;
}

export const p50 = ({ p50Ms }: LoadResult): number => p50Ms;
export const medianOf = (results: readonly LoadResult[], figure: (result: LoadResult) => number): number =>
  median(results.map(figure));
