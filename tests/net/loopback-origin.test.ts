import { expect, it } from 'vitest';
import { isLoopbackOrigin } from '~/net/loopback-origin';
import { httpClient } from '../helpers/http';
import { ADMIN, startServer } from '../helpers/server';

it.each([
  'http://127.0.0.1:3000',
  'http://127.8.8.8',
  'http://localhost:3000',
  'https://localhost.',
  'http://keys.localhost',
  'http://[::1]:3000',
])('%s only works on the same machine', (origin) => {
  expect(isLoopbackOrigin(origin)).toBe(true);
});

it.each([
  'https://keys.example.com',
  'http://192.168.1.20:3000',
  'http://keys',
  'http://[fd00::1]',
  'https://localhost.example.com',
])('%s works from other machines', (origin) => {
  expect(isLoopbackOrigin(origin)).toBe(false);
});

it('the invite page warns when the link would work only on this machine', async () => {
  const drawersAt = async (settings: Record<string, string>) => {
    const server = await startServer({ firstAdmin: true, settings });
    const ada = httpClient(server.url);
    const from: Record<string, string> = settings.ORIGIN === undefined ? {} : { Origin: settings.ORIGIN };
    await ada.post('/sign-in', ADMIN, from);
    const invited = await ada.post(
      '/admin/users/invite',
      { email: 'mara@example.com', role: 'member' },
      from,
    );
    const token = /\/invite\?token=([\w-]{43})/.exec(await invited.text())?.[1] ?? '';
    const mara = httpClient(server.url);
    const joining = { name: 'Mara', password: 'seven otters under glass' };
    await mara.post(`/invite?token=${token}`, joining, from);
    const { data } = await mara.query('auth.session');
    const { user } = data as { user: { id: string } };
    const told: boolean[] = [];
    for (const [path, drawer] of [
      ['/admin/users/invite', 'Invite people'],
      [`/admin/users/${user.id}`, 'Create reset link'],
    ] as const) {
      const answer = await ada.get(path);
      const page = await answer.text();
      expect([answer.status, page.includes(drawer)]).toEqual([200, true]);
      told.push(page.includes('only works on this machine'));
    }
    await server.stop();
    server.removeData();
    return told;
  };
  expect(await drawersAt({})).toEqual([true, true]);
  expect(await drawersAt({ ORIGIN: 'http://192.168.1.20:3000' })).toEqual([false, false]);
});
