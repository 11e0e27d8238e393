import { afterAll, beforeAll, expect, it } from 'vitest';
import { isForeignMutation } from '~/http/origin-check.server';
import { httpClient } from '../helpers/http';
import { ADMIN, type RunningServer, startServer } from '../helpers/server';

// Behind a proxy that ends TLS: the public address is https, the socket is not.
let server: RunningServer;

beforeAll(async () => {
  server = await startServer({ firstAdmin: true, settings: { ORIGIN: 'https://keys.example.com' } });
});

afterAll(async () => {
  await server.stop();
  server.removeData();
});

it('promises https to browsers for a year, on pages and on the API', async () => {
  const client = httpClient(server.url);
  for (const path of ['/sign-in', '/api/trpc/keys.mine', '/healthz']) {
    const { headers } = await client.get(path);
    expect(headers.get('strict-transport-security'), path).toMatch(/max-age=31536000/);
  }
});

it('gives a cookie that no sibling domain and no plain connection can set or read', async () => {
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

it('takes forms from its public address and refuses them from another', async () => {
  const fields = { email: ADMIN.email, password: ADMIN.password };
  const client = httpClient(server.url);
  const own = await client.post('/sign-in', fields, { Origin: 'https://keys.example.com' });
  expect(own.status).toBe(303);
  const other = await client.post('/sign-in', fields, { Origin: 'https://keys.example.com.evil.example' });
  expect(other.status).toBe(403);
});

it('refuses a form of a page of its own name that came over plain http, which anybody on the network may have written', async () => {
  const isRefused = (origin: string) => {
    const headers = new Headers({ Host: new URL(origin).host, Origin: origin });
    return isForeignMutation('POST', headers, 'https://keys.example.com');
  };
  expect(isRefused('http://keys.example.com')).toBe(true);
  expect(isRefused('https://keys.example.com')).toBe(false);
  expect(isRefused('https://keys.internal.example.com')).toBe(false);
  // On the machine itself there is no network in between.
  expect(isRefused('http://localhost:3000')).toBe(false);
});
