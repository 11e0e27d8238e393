import { expect, test, vi } from 'vitest';
import { testApp } from '../helpers/app';
import { addKey, addTool } from '../helpers/factories';
import { exchange, serveGateway } from './harness';

vi.mock('~/gateway/headers', async (original) => ({
  ...(await original<typeof import('~/gateway/headers')>()),
  forwardedHeaders() {
    throw new Error('a bug');
  },
}));

test('a bug in one call ends that call and no other, and the client is told 500 in its dialect', async () => {
  const app = await testApp();
  const log = vi.spyOn(app.log, 'error').mockReturnValue();
  const { id } = await addTool(app, { slug: 'acme', needsCredential: false });
  const { rawKey } = await addKey(app, id);
  const { origin } = await serveGateway(app);
  for (let round = 0; round < 2; round++) {
    const response = await fetch(`${origin}/gateway/acme/x`, { headers: { 'x-api-key': rawKey } });
    expect(response.status).toBe(500);
    expect((await response.json()).error.type).toBe('server_error');
  }
  const upgrade = `GET /gateway/acme/x HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nx-api-key: ${rawKey}\r\n\r\n`;
  expect(await exchange(origin, upgrade)).toMatch(/^HTTP\/1\.1 500 /);
  expect((await fetch(`${origin}/verify/acme`, { headers: { 'x-api-key': rawKey } })).status).toBe(200);
  expect(log).toHaveBeenCalledTimes(3);
});
