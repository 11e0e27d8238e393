import type { Histogram } from '~/gateway/call-metrics';

/**
 * Formats one histogram per tool in Prometheus' text format. prom-client's own histograms are too slow to update on
 * every gateway call.
 */
export function histogramText(
  name: string,
  help: string,
  histograms: Iterable<readonly [tool: string, Histogram]>,
): string {
  const lines = [`# HELP ${name} ${help}`, `# TYPE ${name} histogram`];
  for (const [tool, { bounds, counts, sum }] of histograms) {
    let cumulative = 0; // each bucket includes the ones before it
    for (const [index, count] of counts.entries()) {
      cumulative += count;
      lines.push(`${name}_bucket{tool="${tool}",le="${bounds[index] ?? '+Inf'}"} ${cumulative}`);
    }
    lines.push(`${name}_sum{tool="${tool}"} ${sum}`, `${name}_count{tool="${tool}"} ${cumulative}`);
  }
  return `${lines.join('\n')}\n`;
}
