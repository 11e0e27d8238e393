import { expect, it } from 'vitest';
import { version } from '../../package.json';
import { startServer } from '../helpers/server';

it('are served by the running server to whoever bears the token of its settings', async () => {
  const METRICS_TOKEN = 'a-token-of-the-settings';
  const server = await startServer({ settings: { METRICS_TOKEN } });
  const ask = (headers: Record<string, string>) => fetch(`${server.url}/metrics`, { headers });
  expect((await ask({})).status).toBe(401);
  const answer = await ask({ Authorization: `Bearer ${METRICS_TOKEN}` });
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toContain('text/plain; version=0.0.4');
  const text = await answer.text();
  expect(text).toContain(`my_ai_keys_info{version="${version}"} 1\n`);
  expect(text).toContain('# TYPE my_ai_keys_gateway_overhead_seconds histogram\n');
  expect(text).toMatch(/^nodejs_eventloop_lag_p99_seconds \S+$/m);
  await server.stop();
  server.removeData();
  expect(server.output()).not.toContain(METRICS_TOKEN);
}, 30_000);
