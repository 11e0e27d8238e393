import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { createMetrics } from '~/metrics/metrics.server';
import { WireMeter } from '~/wire/meter';
import { testApp } from '../helpers/app';

const dashboard = readFileSync(new URL('../../docs/grafana-dashboard.json', import.meta.url), 'utf8');

it('the dashboard asks only for metrics that there are', async () => {
  const app = await testApp();
  const text = await createMetrics(app, new WireMeter(), { openCalls: () => 0 }).text();
  const offered = new Set([...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name));
  const { panels } = JSON.parse(dashboard) as { panels: { targets: { expr: string }[] }[] };
  const asked = panels.flatMap(({ targets }) =>
    targets.flatMap(({ expr }) => expr.match(/\b(my_ai_keys|nodejs|process)_\w+/g) ?? []),
  );
  expect(asked.length).toBeGreaterThan(15);
  expect(asked.filter((name) => !offered.has(name.replace(/_bucket$/, '')))).toEqual([]);
});
