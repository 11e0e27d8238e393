import { expect, test } from 'vitest';
import { createLogger } from '~/core/logger.server';
import { testApp } from '../helpers/app';
import { auditEntriesOf } from '../helpers/audit';
import { addKey, addTool } from '../helpers/factories';
import { serveGateway } from './harness';

const HEADERS = { 'X-Forwarded-For': '203.0.113.9', 'X-Request-Id': 'edge-4711-a8f3' };

/** A call refused at the gateway: what is answered, logged and recorded of it. */
async function refused(settings: Record<string, string>) {
  const app = await testApp(settings);
  const lines: string[] = [];
  app.log = createLogger({ logLevel: 'debug' }, { write: (line) => lines.push(line) });
  const tool = await addTool(app, { slug: 'acme', needsCredential: false });
  const other = await addTool(app, { slug: 'other', needsCredential: false });
  const { rawKey } = await addKey(app, tool.id);
  const { origin, gateway } = await serveGateway(app);
  const response = await fetch(`${origin}/gateway/${other.slug}/x`, {
    headers: { ...HEADERS, 'x-api-key': rawKey },
  });
  await response.text();
  await gateway.close();
  const [entry] = await auditEntriesOf(app, 'gateway.refused');
  const logged = lines.map((line) => JSON.parse(line)).find(({ msg }) => msg === 'gateway request refused');
  return { answered: response.headers.get('x-request-id'), entry, logged };
}

test('behind a trusted proxy, its log, ours, the answer and the trail speak of one request and one address', async () => {
  const { answered, entry, logged } = await refused({ TRUSTED_PROXIES: '127.0.0.1' });
  expect(answered).toBe('edge-4711-a8f3');
  expect(entry).toMatchObject({ requestId: 'edge-4711-a8f3', address: '203.0.113.9' });
  expect(logged).toMatchObject({ requestId: 'edge-4711-a8f3', reason: 'wrong-tool', tool: 'other' });
});

test('a caller who is no trusted proxy can choose neither', async () => {
  const { answered, entry, logged } = await refused({});
  expect(answered).toMatch(/^call_[0-9a-z]{20}$/);
  expect(entry).toMatchObject({ requestId: answered, address: '127.0.0.1' });
  expect(logged).toMatchObject({ requestId: answered });
});
