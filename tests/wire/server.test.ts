import { expect, test } from 'vitest';
import { testApp } from '../helpers/app';
import { exchange, serveWire } from './harness';

test('a plain request that offers an upgrade to HTTP/2 is served as if it had not, body included', async () => {
  const app = await testApp();
  const { origin } = await serveWire(app);
  const answer = await exchange(
    origin,
    'POST /wire/echo/v1/models HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\nContent-Length: 5\r\n\r\nhelloGET /elsewhere HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
  );
  expect(answer).toContain('HTTP/1.1 401 Unauthorized');
  expect(answer).toContain('invalid_api_key');
  expect(answer).toMatch(/HTTP\/1\.1 404 Not Found\r\n(.*\r\n)*x-rest: yes/);
});
