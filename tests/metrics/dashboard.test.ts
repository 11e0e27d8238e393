import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { CallMetrics } from '~/gateway/call-metrics';
import { gatewayErrors } from '~/gateway/error-catalogue';
import { createMetrics } from '~/metrics/metrics.server';
import { testApp } from '../helpers/app';

const read = (name: string) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');
const NAMES = /\b(?:my_ai_keys|nodejs|process)_\w+/g;

async function metricNames(): Promise<string[]> {
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

it('the dashboard queries only existing metrics', async () => {
  const names = new Set(await metricNames());
  const queried = dashboardQueries().flatMap((expr) => expr.match(NAMES) ?? []);
  expect(queried.length).toBeGreaterThan(15);
  expect(queried.filter((name) => !names.has(name.replace(/_bucket$/, '')))).toEqual([]);
});

it('docs/deploy.md lists every metric of the server, and only existing ones', async () => {
  const names = await metricNames();
  const documented: string[] = read('deploy.md').match(NAMES) ?? [];
  expect(names.filter((name) => name.startsWith('my_ai_keys_') && !documented.includes(name))).toEqual([]);
  // `nodejs_eventloop_lag_*` stands for several.
  const exists = (name: string) =>
    name.endsWith('_') ? names.some((one) => one.startsWith(name)) : names.includes(name);
  expect(documented.filter((name) => !exists(name))).toEqual([]);
});

it('the dashboard and the alerts use existing outcomes', () => {
  const other = ['aborted', 'accepted', 'client-closed', 'upgraded', 'upstream-broken'];
  const used = [...dashboardQueries(), read('deploy.md')].flatMap((text) =>
    [...text.matchAll(/outcome[!=]~"([^"]+)"/g)].flatMap(([, names]) => String(names).split('|')),
  );
  expect(used.length).toBeGreaterThan(5);
  const known = (name: string) =>
    name in gatewayErrors || other.includes(name) || /^(\d|\[1-5\])xx$/.test(name);
  expect(used.filter((name) => !known(name))).toEqual([]);
});
