import { describe, expect, it } from 'vitest';
import type { Caller } from '~/api/router.server';
import { testApp } from '../helpers/app';
import { addTool, addUser } from '../helpers/factories';
import { inviteAndJoin, setUpAdmin } from '../helpers/visitor';

/** An app with an admin, Ada; `names` lists the names of matching users. */
async function setUp() {
  const app = await testApp();
  const admin = await setUpAdmin(app);
  const names = async (filter?: Parameters<Caller['users']['list']>[0]) =>
    (await admin.call((api) => api.users.list(filter))).map(({ name }) => name);
  return { app, admin, names };
}

describe('the list of users', () => {
  it('counts keys, requests and sessions, and has no password hashes', async () => {
    const { app, admin } = await setUp();
    const bob = await inviteAndJoin(app, admin, 'bob@example.com');
    const { slug } = await addTool(app, { requiresApproval: true });
    for (const environment of ['development', 'production'] as const)
      await bob.call((api) => api.keys.request({ tool: slug, environment, purpose: 'to try it out' }));
    const list = await admin.call((api) => api.users.list());
    expect(list).toMatchObject([
      { name: 'Ada', role: 'admin', activeKeys: 0, pendingRequests: 0, sessions: 1, disabledAt: null },
      { name: 'bob', role: 'member', activeKeys: 1, pendingRequests: 1, sessions: 1, disabledAt: null },
    ]);
    expect(JSON.stringify(list)).not.toContain('argon2');
    expect(await admin.call((api) => api.users.get({ userId: bob.id }))).toEqual(list[1]);
  });

  it('can be filtered by part of a name or email, role and state, and % and _ are plain text', async () => {
    const { app, admin, names } = await setUp();
    const bob = await addUser(app, 'member', 'Bob');
    await addUser(app, 'member', 'Percy 100%');
    await admin.call((api) => api.users.disable({ userId: bob.id }));
    expect(await names({ search: 'BOB@' })).toEqual(['Bob']);
    expect(await names({ search: '%' })).toEqual(['Percy 100%']);
    expect(await names({ search: '_' })).toEqual([]);
    expect(await names({ role: 'admin' })).toEqual(['Ada']);
    expect(await names({ state: 'disabled' })).toEqual(['Bob']);
    expect(await names({ state: 'enabled', role: 'member' })).toEqual(['Percy 100%']);
  });

  it('finds letters beyond ASCII in any case and sorts them like a dictionary', async () => {
    const { app, names } = await setUp();
    for (const name of ['Zoë', 'Änne Özil', 'bob', 'Émile']) await addUser(app, 'member', name);
    expect(await names({ search: 'Änne' })).toEqual(['Änne Özil']);
    expect(await names({ search: 'äNNE ö' })).toEqual(['Änne Özil']);
    expect(await names({ search: 'ÉMILE' })).toEqual(['Émile']);
    expect(await names()).toEqual(['Ada', 'Änne Özil', 'bob', 'Émile', 'Zoë']);
  });
});
