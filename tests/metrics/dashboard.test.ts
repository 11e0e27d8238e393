import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { CallMetrics } from '~/gateway/call-metrics';
import { gatewayErrors } from '~/gateway/error-catalogue';
import { createMetrics } from '~/metrics/metrics.server';
import { testApp } from '../helpers/app';

const read = (name: string) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');
const NAMES = /\b(?:my_ai_keys|nodejs|process)_\w+/g;

async function offeredMetrics(): Promise<string[]> {
  const app = await testApp();
  const text = await createMetrics(app, new CallMetrics(), { activeCalls: () => 0 }).text();
  return [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => String(name));
}

function dashboardQueries(): string[] {
  const { panels } = JSON.parse(read('grafana-dashboard.json')) as {
    panels: { targets: { expr: string }[] }[];
  };
  return panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
}

it('the dashboard asks only for metrics that there are', async () => {
  const offered = new Set(await offeredMetrics());
  const asked = dashboardQueries().flatMap((expr) => expr.match(NAMES) ?? []);
  expect(asked.length).toBeGreaterThan(15);
  expect(asked.filter((name) => !offered.has(name.replace(/_bucket$/, '')))).toEqual([]);
});

it('docs/deploy.md names every metric of ours, and none that there is not', async () => {
  const offered = await offeredMetrics();
  const named: string[] = read('deploy.md').match(NAMES) ?? [];
  expect(offered.filter((name) => name.startsWith('my_ai_keys_') && !named.includes(name))).toEqual([]);
  // `nodejs_eventloop_lag_*` stands for several.
  const isOffered = (name: string) =>
    name.endsWith('_') ? offered.some((one) => one.startsWith(name)) : offered.includes(name);
  expect(named.filter((name) => !isOffered(name))).toEqual([]);
});

it('the dashboard and the alarms tell outcomes by names that calls end with', () => {
  const other = ['aborted', 'accepted', 'client-closed', 'upgraded', 'upstream-broken'];
  const told = [...dashboardQueries(), read('deploy.md')].flatMap((text) =>
    [...text.matchAll(/outcome[!=]~"([^"]+)"/g)].flatMap(([, names]) => String(names).split('|')),
  );
  expect(told.length).toBeGreaterThan(5);
  const known = (name: string) =>
    name in gatewayErrors || other.includes(name) || /^(\d|\[1-5\])xx$/.test(name);
  expect(told.filter((name) => !known(name))).toEqual([]);
});
