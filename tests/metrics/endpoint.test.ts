import { createServer } from 'node:http';
import { expect, it } from 'vitest';
import { createLogger } from '~/core/logger.server';
import { createMetricsEndpoint } from '~/metrics/metrics-endpoint.server';
import { listen } from '../gateway/harness';

const TOKEN = 'a-token-of-the-settings';
const log = createLogger({ logLevel: 'silent' });

/** Sends one request to the endpoint with these settings. */
async function ask(
  settings: { origin?: string; metricsToken?: string | null },
  headers: Record<string, string> = {},
  text: () => Promise<string> = async () => 'up 1\n',
) {
  const config = { origin: 'http://127.0.0.1:3000', metricsToken: null, ...settings };
  const endpoint = createMetricsEndpoint({ config, log }, { contentType: 'text/plain; version=0.0.4', text });
  const origin = await listen(createServer((request, response) => void endpoint(request, response)));
  const response = await fetch(`${origin}/metrics`, { headers });
  return { status: response.status, text: await response.text(), headers: response.headers };
}

it('without a token, serves this machine if the public URL is local', async () => {
  for (const origin of ['http://127.0.0.1:3000', 'http://localhost:3000', 'http://[::1]:3000']) {
    const { status, text, headers } = await ask({ origin });
    expect([status, text]).toEqual([200, 'up 1\n']);
    expect(headers.get('content-type')).toBe('text/plain; version=0.0.4');
    expect(headers.get('cache-control')).toBe('no-store');
  }
});

it.each([
  ['the public URL is not local', { origin: 'https://keys.example.com' }, {}],
  ['a proxy forwarded the request', {}, { 'X-Forwarded-For': '127.0.0.1' }],
  ['a proxy added Via', {}, { Via: '1.1 front' }],
])('without a token, rejects everyone when %s', async (_why, settings, headers: Record<string, string>) => {
  const { status, text } = await ask(settings, headers);
  expect(status).toBe(403);
  expect(text).toContain('METRICS_TOKEN');
});

it.each([
  ['no token', {}],
  ['another token', { Authorization: 'Bearer another-token' }],
  ['the token without Bearer', { Authorization: TOKEN }],
])('with a token in the settings, rejects %s', async (_which, headers: Record<string, string>) => {
  const { status, text, headers: answered } = await ask({ metricsToken: TOKEN }, headers);
  expect(status).toBe(401);
  expect(answered.get('www-authenticate')).toBe('Bearer realm="metrics"');
  expect(text).not.toContain(TOKEN);
});

it('accepts the token, also through a proxy', async () => {
  const settings = { metricsToken: TOKEN, origin: 'https://keys.example.com' };
  const headers = { Authorization: `Bearer ${TOKEN}`, 'X-Forwarded-For': '192.0.2.1' };
  expect(await ask(settings, headers)).toMatchObject({ status: 200, text: 'up 1\n' });
});

it('returns 503 without details when reading fails', async () => {
  const failing = () => Promise.reject(new Error('disk I/O error'));
  expect(await ask({}, {}, failing)).toMatchObject({ status: 503, text: "The metrics can't be read.\n" });
});
