import { expect, test, vi } from 'vitest';
import { testApp } from '../helpers/app';
import { exchange, serveTool } from './harness';

vi.mock('~/gateway/headers', async (original) => ({
  ...(await original<typeof import('~/gateway/headers')>()),
  requestHeadersToForward() {
    throw new Error('a bug');
  },
}));

test('an exception in one call gives a 500 in its dialect and doesn’t affect other calls', async () => {
  const app = await testApp();
  const log = vi.spyOn(app.log, 'error').mockReturnValue();
  const { rawKey, origin } = await serveTool(app);
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
