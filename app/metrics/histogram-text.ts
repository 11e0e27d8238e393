import type { Histogram } from '~/gateway/call-metrics';

/**
 * A histogram in Prometheus' text form, one for each tool. Written here, since the metrics' own histograms
 * can only be counted in one by one, which would cost every call at the gateway.
 */
export function histogramText(
  name: string,
  help: string,
  tallies: Iterable<[tool: string, Histogram]>,
): string {
  const lines = [`# HELP ${name} ${help}`, `# TYPE ${name} histogram`];
  for (const [tool, { bounds, counts, sum }] of tallies) {
    let below = 0; // buckets hold what lies in those before, too
    for (const [index, count] of counts.entries()) {
      below += count;
      lines.push(`${name}_bucket{tool="${tool}",le="${bounds[index] ?? '+Inf'}"} ${below}`);
    }
    lines.push(`${name}_sum{tool="${tool}"} ${sum}`, `${name}_count{tool="${tool}"} ${below}`);
  }
  return `${lines.join('\n')}\n`;
}
