import { afterAll, beforeAll, expect, it } from 'vitest';
import { isForeignMutation } from '~/http/origin-check.server';
import { httpClient } from '../helpers/http';
import { ADMIN, type RunningServer, startServer } from '../helpers/server';

// Behind a proxy that terminates TLS: the public URL is https, the socket is not.
let server: RunningServer;

beforeAll(async () => {
  server = await startServer({ firstAdmin: true, settings: { ORIGIN: 'https://keys.example.com' } });
});

afterAll(async () => {
  await server.stop();
  server.removeData();
});

it('sends HSTS for a year with pages and the API', async () => {
  const client = httpClient(server.url);
  for (const path of ['/sign-in', '/api/trpc/keys.mine', '/healthz']) {
    const { headers } = await client.get(path);
    expect(headers.get('strict-transport-security'), path).toMatch(/max-age=31536000/);
  }
});

it('sets a session cookie that is bound to this host and https', async () => {
  const response = await httpClient(server.url).post('/sign-in', ADMIN, {
    Origin: 'https://keys.example.com',
  });
  const [cookie] = response.headers.getSetCookie();
  expect(cookie).toMatch(/^__Host-my-ai-keys=/);
  expect(cookie).toContain('Secure');
  expect(cookie).toContain('HttpOnly');
  expect(cookie).toContain('Path=/');
  expect(cookie).not.toContain('Domain');
});

it('accepts forms from its public URL only', async () => {
  const fields = { email: ADMIN.email, password: ADMIN.password };
  const client = httpClient(server.url);
  const own = await client.post('/sign-in', fields, { Origin: 'https://keys.example.com' });
  expect(own.status).toBe(303);
  const other = await client.post('/sign-in', fields, { Origin: 'https://keys.example.com.evil.example' });
  expect(other.status).toBe(403);
});

it('rejects a form of the same host over plain http, which anyone on the network can forge', async () => {
  const isRefused = (origin: string) => {
    const headers = new Headers({ Host: new URL(origin).host, Origin: origin });
    return isForeignMutation('POST', headers, 'https://keys.example.com');
  };
  expect(isRefused('http://keys.example.com')).toBe(true);
  expect(isRefused('https://keys.example.com')).toBe(false);
  expect(isRefused('https://keys.internal.example.com')).toBe(false);
  // Loopback isn't reachable from the network.
  expect(isRefused('http://localhost:3000')).toBe(false);
});
