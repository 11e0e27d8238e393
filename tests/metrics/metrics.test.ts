import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { CallMetrics, Histogram } from '~/gateway/call-metrics';
import { createGateway } from '~/gateway/gateway.server';
import { createHttpServer } from '~/http/http-server.server';
import { createMetrics } from '~/metrics/metrics.server';
import type { App } from '~/server/create-app.server';
import { listen, serveUpstream } from '../gateway/harness';
import { testApp } from '../helpers/app';
import { addKey, addTool } from '../helpers/factories';
import { activeKey, approvedKey, pendingKey, serviceAccount, serviceKey, team } from '../helpers/team';

/** Serves the gateway of an application, and reads its metrics. */
async function serveWithMetrics(app: App) {
  const meter = new CallMetrics();
  const gateway = createGateway(app, meter);
  const origin = await listen(createHttpServer(gateway, (_, response) => response.writeHead(404).end()));
  onTestFinished(() => gateway.close());
  const metrics = createMetrics(app, meter, gateway);
  return { origin, series: async () => parse(await metrics.text()) };
}

/** Values by series, as `name{a="b"}`. */
function parse(text: string): Map<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [
      line.slice(0, line.lastIndexOf(' ')),
      Number(line.slice(line.lastIndexOf(' ') + 1)),
    ]),
  );
}

const requests = (endpoint: string, tool: string, outcome: string) =>
  `my_ai_keys_gateway_requests_total{endpoint="${endpoint}",tool="${tool}",outcome="${outcome}"}`;

/** Waits for a value: a call is counted after the client has received the response. */
async function eventually(read: () => Promise<number | undefined>, expected: number): Promise<void> {
  for (let tries = 0; tries < 100 && (await read()) !== expected; tries++) await sleep(20);
  expect(await read()).toBe(expected);
}

describe('the metrics', () => {
  it('count each gateway call once, by endpoint, tool and outcome', async () => {
    const app = await testApp();
    const upstreamUrl = await serveUpstream((request, response) =>
      response.writeHead(request.url === '/missing' ? 404 : 200).end('hello'),
    );
    const tool = await addTool(app, { slug: 'local', upstreamUrl, needsCredential: false });
    const down = await addTool(app, {
      slug: 'down',
      upstreamUrl: 'http://127.0.0.1:9',
      needsCredential: false,
    });
    const [key, downKey] = [await addKey(app, tool.id), await addKey(app, down.id)];
    const { origin, series } = await serveWithMetrics(app);
    const ask = async (path: string, rawKey = key.rawKey) => {
      const response = await fetch(origin + path, { headers: { 'x-api-key': rawKey } });
      await response.text();
      return response.status;
    };
    expect(await ask('/gateway/local/models')).toBe(200);
    expect(await ask('/gateway/local/models')).toBe(200);
    expect(await ask('/gateway/local/missing')).toBe(404);
    expect(await ask('/verify/local')).toBe(200);
    expect(await ask('/gateway/local/models', 'aik_dev_wrong')).toBe(401);
    expect(await ask('/gateway/down/models', downKey.rawKey)).toBe(502);
    expect(await ask('/gateway/nothing-like-this/models')).toBe(403);

    const value = (name: string) => async () => (await series()).get(name);
    await eventually(value(requests('proxy', 'local', '2xx')), 2);
    await eventually(value(requests('proxy', 'local', '4xx')), 1);
    await eventually(value(requests('verify', 'local', 'accepted')), 1);
    await eventually(value(requests('proxy', 'local', 'key-malformed')), 1);
    await eventually(value(requests('proxy', 'down', 'upstream-unreachable')), 1);
    await eventually(value(requests('proxy', 'unknown', 'wrong-tool')), 1);
    await eventually(value('my_ai_keys_gateway_duration_seconds_count{tool="local"}'), 3);
    await eventually(value('my_ai_keys_gateway_active_calls'), 0);
    const all = await series();
    const counted = [...all].filter(([name]) => name.startsWith('my_ai_keys_gateway_requests_total'));
    expect(counted.reduce((sum, [, count]) => sum + count, 0)).toBe(7);
    expect(all.get('my_ai_keys_gateway_overhead_seconds_count{tool="local"}')).toBe(3);
    expect(all.get('my_ai_keys_gateway_first_byte_seconds_bucket{tool="local",le="+Inf"}')).toBe(3);
  });

  it('distinguish open calls, disconnected clients and aborted calls', async () => {
    const app = await testApp();
    const upstreamUrl = await serveUpstream((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: 1\n\n');
    });
    const tool = await addTool(app, { slug: 'local', upstreamUrl, needsCredential: false });
    const key = await addKey(app, tool.id);
    const { origin, series } = await serveWithMetrics(app);
    const value = (name: string) => async () => (await series()).get(name);
    const stop = new AbortController();
    const open = (signal?: AbortSignal) =>
      fetch(`${origin}/gateway/local/x`, { headers: { 'x-api-key': key.rawKey }, signal });
    await open(stop.signal);
    const second = await open();
    await eventually(value('my_ai_keys_gateway_active_calls'), 2);
    stop.abort();
    await eventually(value(requests('proxy', 'local', 'client-closed')), 1);
    app.events.emit('key-changed', {
      keyId: key.id,
      holderId: key.holderId,
      toolId: tool.id,
      status: 'REVOKED',
    });
    await expect(second.text()).rejects.toThrow();
    await eventually(value(requests('proxy', 'local', 'aborted')), 1);
    await eventually(value('my_ai_keys_gateway_active_calls'), 0);
  });

  it('report keys by status and the age of the oldest pending request', async () => {
    const story = await team();
    await activeKey(story);
    await approvedKey(story);
    await pendingKey({ ...story, asMember: story.asOther });
    await serviceKey(story, await serviceAccount(story));
    const { app } = story;
    const metrics = createMetrics({ ...app, now: () => app.now() + 3_600_000 }, new CallMetrics(), {
      activeCalls: () => 0,
    });
    const series = parse(await metrics.text());
    const keys = (status: string) => series.get(`my_ai_keys_keys{status="${status}"}`);
    expect(['PENDING', 'ACTIVE', 'REJECTED', 'REVOKED'].map(keys)).toEqual([1, 3, 0, 0]);
    expect(series.get('my_ai_keys_oldest_pending_seconds')).toBeGreaterThanOrEqual(3_600);
    expect(series.get('my_ai_keys_database_bytes{file="log"}')).toBeGreaterThan(4_096);
    expect(series.get('my_ai_keys_audit_entries_total')).toBeGreaterThan(3);
    expect(series.has('nodejs_eventloop_lag_p99_seconds')).toBe(true);
  });

  it('add no series for slugs that don’t exist', async () => {
    const app = await testApp();
    const { origin, series } = await serveWithMetrics(app);
    const ask = (slug: string) =>
      fetch(`${origin}/gateway/${slug}/x`, { headers: { 'x-api-key': 'nothing' } });
    await ask('made-up');
    const size = async () => [...(await series()).keys()].filter((name) => name.includes('gateway')).length;
    const before = await size();
    for (let index = 0; index < 50; index++) await (await ask(`made-up-${index}`)).text();
    expect(await size()).toBe(before);
  });

  it('contain no key, prefix, holder or address', async () => {
    const app = await testApp();
    const tool = await addTool(app, { slug: 'local', upstreamUrl: null, needsCredential: false });
    const key = await addKey(app, tool.id);
    const meter = new CallMetrics();
    const gateway = createGateway(app, meter);
    onTestFinished(() => gateway.close());
    const origin = await listen(createHttpServer(gateway, (_, response) => response.writeHead(404).end()));
    await (await fetch(`${origin}/verify/local`, { headers: { 'x-api-key': key.rawKey } })).text();
    const text = await createMetrics(app, meter, gateway).text();
    for (const secret of [key.id, key.rawKey, key.prefix, key.holderId, key.holderEmail, '127.0.0.1'])
      expect(text).not.toContain(secret);
  });
});

it('a histogram counts each value in the first bucket it fits in', () => {
  const histogram = new Histogram([1, 2]);
  for (const value of [0, 1, 1.5, 2, 3]) histogram.add(value);
  expect([histogram.counts, histogram.sum]).toEqual([[2, 2, 1], 7.5]);
});
