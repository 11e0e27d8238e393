import { expect, it } from 'vitest';
import { isOnThisMachineAlone } from '~/http/own-origin';
import { httpClient } from '../helpers/http';
import { ADMIN, startServer } from '../helpers/server';

it.each([
  'http://127.0.0.1:3000',
  'http://127.8.8.8',
  'http://localhost:3000',
  'https://localhost.',
  'http://keys.localhost',
  'http://[::1]:3000',
])('%s leads everybody to their own machine', (origin) => {
  expect(isOnThisMachineAlone(origin)).toBe(true);
});

it.each([
  'https://keys.example.com',
  'http://192.168.1.20:3000',
  'http://keys',
  'http://[fd00::1]',
  'https://localhost.example.com',
])('%s leads others here, too', (origin) => {
  expect(isOnThisMachineAlone(origin)).toBe(false);
});

it('whoever invites is told beforehand that the link leads nowhere from elsewhere, and only where it does not', async () => {
  const drawerAt = async (settings: Record<string, string>) => {
    const server = await startServer({ firstAdmin: true, settings });
    const ada = httpClient(server.url);
    await ada.post('/sign-in', ADMIN, settings.ORIGIN === undefined ? {} : { Origin: settings.ORIGIN });
    const answer = await ada.get('/admin/users/invite');
    const page = await answer.text();
    await server.stop();
    server.removeData();
    return [
      answer.status,
      page.includes('Invite somebody'),
      page.includes('leads nowhere from another machine'),
    ];
  };
  expect(await drawerAt({})).toEqual([200, true, true]);
  expect(await drawerAt({ ORIGIN: 'http://192.168.1.20:3000' })).toEqual([200, true, false]);
});
