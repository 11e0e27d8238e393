import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { httpClient, signIn } from '../helpers/http';
import { ADMIN, type RunningServer, startServer } from '../helpers/server';

describe('the sign-in form', () => {
  let server: RunningServer;

  beforeAll(async () => {
    server = await startServer({ firstAdmin: true });
  });

  afterAll(async () => {
    await server.stop();
    server.removeData();
  });

  it('takes email and password, sets a cookie that scripts cannot read, and leads to the keys', async () => {
    const response = await httpClient(server.url).post('/sign-in', ADMIN);
    expect(response.status).toBe(303);
    expect(response.headers.get('location')).toBe('/me/ai-keys');
    expect(response.headers.getSetCookie()).toHaveLength(1);
    expect(response.headers.getSetCookie()[0]).toMatch(
      /^my-ai-keys=[a-z2-7]{40}; HttpOnly; Max-Age=604800; Path=\/; SameSite=Lax$/,
    );
  });

  it('leads to the page that asked for it, and to no other site', async () => {
    const asked = await httpClient(server.url).get('/admin/users?show=members');
    const [path = '', query = ''] = (asked.headers.get('location') ?? '').split('?');
    expect(path).toBe('/sign-in');
    const back = await httpClient(server.url).post(`/sign-in?${query}`, ADMIN);
    expect(back.headers.get('location')).toBe('/admin/users?show=members');
    for (const next of ['//evil.example', '/\\evil.example', 'https://evil.example']) {
      const answer = await httpClient(server.url).post(`/sign-in?next=${encodeURIComponent(next)}`, ADMIN);
      expect(answer.headers.get('location'), next).toBe('/me/ai-keys');
    }
  });

  it('keeps the e-mail, never the password, when it refuses, and says why with the right status', async () => {
    const response = await httpClient(server.url).post('/sign-in', { ...ADMIN, password: 'seven otters' });
    expect(response.status).toBe(401);
    expect(response.headers.getSetCookie()).toEqual([]);
    const html = await response.text();
    expect(html).toContain('Wrong email or password.');
    expect(html).toContain(`value="${ADMIN.email}"`);
    expect(html).not.toContain('seven otters');
  });

  it('ties each field’s error to the field', async () => {
    const html = await (await httpClient(server.url).post('/sign-in', { email: 'ada', password: '' })).text();
    const field = /<input[^>]*name="email"[^>]*>/.exec(html)?.[0] ?? '';
    expect(field).toContain('aria-invalid="true"');
    const id = /aria-describedby="([^" ]+)/.exec(field)?.[1] ?? 'none';
    expect(html).toContain(`id="${id}"`);
  });

  it('signs nobody out who only follows a link', async () => {
    const client = await signIn(server.url, ADMIN);
    await client.get('/sign-out');
    expect((await client.query('auth.session')).data).toMatchObject({ user: { email: ADMIN.email } });
    const out = await client.post('/sign-out', {});
    expect(out.headers.get('location')).toBe('/sign-in');
    expect((await client.query('auth.session')).data).toBeNull();
  });

  it('writes no password, session token or invitation token to the log', async () => {
    const client = await signIn(server.url, ADMIN);
    const { data } = await client.mutate('users.invite', { email: 'bob@example.com', role: 'member' });
    const token = new URL((data as { url: string }).url).searchParams.get('token') ?? '';
    const guest = httpClient(server.url);
    await guest.get(`/invite?token=${token}`);
    await guest.post(`/invite?token=${token}`, { name: 'Bob', password: 'seven otters under glass' });
    expect((await guest.query('auth.session')).data).toMatchObject({ user: { name: 'Bob' } });
    for (const secret of [
      ADMIN.password,
      'seven otters',
      token,
      client.cookie.split('=')[1] ?? '-',
      guest.cookie.split('=')[1] ?? '-',
    ])
      expect(server.output().includes(secret), secret).toBe(false);
  });
});

describe('the set-up link', () => {
  it('is printed apart from the log, makes the first admin, and then leads to sign-in', async () => {
    const server = await startServer();
    try {
      expect(await (await httpClient(server.url).get('/sign-in')).text()).toContain(
        'Set up the server first',
      );
      const link = server.setupPath();
      expect(
        server
          .output()
          .split('\n')
          .filter((line) => line.includes('token=') && line.startsWith('{')),
      ).toEqual([]);
      const ada = httpClient(server.url);
      expect(await (await ada.get(link)).text()).toContain('Create the first admin');
      const done = await ada.post(link, { name: 'Ada', ...ADMIN });
      expect(done.status).toBe(303);
      expect(done.headers.get('location')).toBe('/admin');
      expect((await ada.query('auth.session')).data).toMatchObject({ user: { role: 'admin' } });
      expect((await httpClient(server.url).get(link)).headers.get('location')).toBe('/sign-in');
    } finally {
      await server.stop();
      server.removeData();
    }
  });
});
