import { eq } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import type { App } from '~/server/create-app.server';
import { requests, users } from '~db/schema';
import { callerAs, reasonOf, testApp } from '../helpers/app';
import { auditEntriesOf } from '../helpers/audit';
import { addTool, addUser } from '../helpers/factories';
import { GOOD_PASSWORD, inviteAndJoin, setUpAdmin, visitor } from '../helpers/visitor';

const whoIs = (someone: ReturnType<typeof visitor>) => someone.call((api) => api.auth.session());

async function team(app: App) {
  const admin = await setUpAdmin(app);
  return { admin, bob: await inviteAndJoin(app, admin, 'bob@example.com') };
}

describe('the list of people', () => {
  it('shows what admins need, and never a password hash', async () => {
    const app = await testApp();
    const { admin, bob } = await team(app);
    const tool = await addTool(app, { requiresApproval: true });
    for (const environment of ['development', 'production'] as const)
      await bob.call((api) => api.keys.request({ tool: tool.slug, environment, purpose: 'to try it out' }));
    const people = await admin.call((api) => api.users.list());
    expect(people).toMatchObject([
      { name: 'Ada', role: 'admin', activeKeys: 0, pendingRequests: 0, sessions: 1, disabledAt: null },
      { name: 'bob', role: 'member', activeKeys: 1, pendingRequests: 1, sessions: 1, disabledAt: null },
    ]);
    expect(JSON.stringify(people)).not.toContain('argon2');
    expect(await admin.call((api) => api.users.get({ userId: bob.id }))).toEqual(people[1]);
  });

  it('is narrowed by part of a name or address, role and state; what is typed is no pattern', async () => {
    const app = await testApp();
    const { admin, bob } = await team(app);
    await addUser(app, 'member', 'Percy 100%');
    await admin.call((api) => api.users.disable({ userId: bob.id }));
    const names = async (filter: Parameters<ReturnType<typeof callerAs>['users']['list']>[0]) =>
      (await admin.call((api) => api.users.list(filter))).map(({ name }) => name);
    expect(await names({ search: 'BOB@' })).toEqual(['bob']);
    expect(await names({ search: '%' })).toEqual(['Percy 100%']);
    expect(await names({ search: '_' })).toEqual([]);
    expect(await names({ role: 'admin' })).toEqual(['Ada']);
    expect(await names({ state: 'disabled' })).toEqual(['bob']);
    expect(await names({ state: 'enabled', role: 'member' })).toEqual(['Percy 100%']);
  });

  it('finds people by letters beyond ASCII, in any case, and puts them where their names belong', async () => {
    const app = await testApp();
    const { admin } = await team(app);
    for (const name of ['Zoë', 'Änne Özil', 'Émile']) await addUser(app, 'member', name);
    const names = async (search?: string) =>
      (await admin.call((api) => api.users.list({ search }))).map(({ name }) => name);
    expect(await names('Änne')).toEqual(['Änne Özil']);
    expect(await names('äNNE ö')).toEqual(['Änne Özil']);
    expect(await names('ÉMILE')).toEqual(['Émile']);
    expect(await names()).toEqual(['Ada', 'Änne Özil', 'bob', 'Émile', 'Zoë']);
  });
});

describe('changing a role', () => {
  it('ends the person’s sessions, holds for their next ones and is recorded', async () => {
    const app = await testApp();
    const { admin, bob } = await team(app);
    expect(await admin.call((api) => api.users.setRole({ userId: bob.id, role: 'admin' }))).toMatchObject({
      role: 'admin',
      sessions: 0,
    });
    expect(await whoIs(bob)).toBeNull();
    await bob.call((api) => api.auth.signIn({ email: 'bob@example.com', password: GOOD_PASSWORD }));
    await bob.call((api) => api.users.list());
    await admin.call((api) => api.users.setRole({ userId: bob.id, role: 'member' }));
    expect(await whoIs(bob)).toBeNull();
    expect(await auditEntriesOf(app, 'user.promoted')).toMatchObject([
      { actorId: admin.id, subject: `user:${bob.id}`, details: { sessionsEnded: 1 } },
    ]);
    expect(await auditEntriesOf(app, 'user.demoted')).toHaveLength(1);
  });

  it('is refused for oneself, for nobody and for the role somebody has', async () => {
    const app = await testApp();
    const { admin, bob } = await team(app);
    const setRole = (userId: string, role: 'member' | 'admin') =>
      reasonOf(admin.call((api) => api.users.setRole({ userId, role })));
    expect(await setRole(admin.id, 'member')).toBe('own-account');
    expect(await setRole(`usr_${'0'.repeat(20)}`, 'member')).toBe('user-not-found');
    expect(await setRole(bob.id, 'member')).toBe('unchanged');
    expect(await whoIs(bob)).not.toBeNull();
  });

  it('leaves an enabled admin, when two demote each other at once', async () => {
    const app = await testApp();
    const [ada, eve] = [await addUser(app, 'admin'), await addUser(app, 'admin')];
    const demote = (by: string, userId: string) =>
      callerAs(app, by)
        .users.setRole({ userId, role: 'member' })
        .then(
          () => 'done',
          (error) => reasonOf(Promise.reject(error)),
        );
    const results = await Promise.all([demote(ada.id, eve.id), demote(eve.id, ada.id)]);
    expect(results.sort()).toEqual(['done', 'signed-out']);
    expect(await app.db.read.select().from(users).where(eq(users.role, 'admin'))).toHaveLength(1);
  });
});

describe('disabling somebody', () => {
  it('ends sessions, revokes active keys and withdraws requests, each with its audit entry', async () => {
    const app = await testApp();
    const { admin, bob } = await team(app);
    const tool = await addTool(app, { requiresApproval: true });
    for (const environment of ['development', 'staging', 'production'] as const)
      await bob.call((api) => api.keys.request({ tool: tool.slug, environment, purpose: 'to try it out' }));
    const told: string[] = [];
    app.events.on('key-changed', ({ status, holderId }) => told.push(`${status} ${holderId}`));
    app.events.on('user-changed', ({ userId }) => told.push(userId));

    const after = await admin.call((api) => api.users.disable({ userId: bob.id, reason: 'Left the team' }));
    expect(after).toMatchObject({ activeKeys: 0, pendingRequests: 0, sessions: 0 });
    expect(after.disabledAt).not.toBeNull();
    expect(await whoIs(bob)).toBeNull();
    expect(told).toEqual([bob.id, ...Array.from({ length: 3 }, () => `REVOKED ${bob.id}`)]);

    expect(await auditEntriesOf(app, 'user.disabled')).toMatchObject([
      {
        actorId: admin.id,
        subject: `user:${bob.id}`,
        details: { reason: 'Left the team', sessionsEnded: 1 },
      },
    ]);
    const revoked = await auditEntriesOf(app, 'key.revoked');
    expect(revoked.map(({ details }) => details.environment).sort()).toEqual(['development', 'staging']);
    for (const entry of revoked)
      expect(entry).toMatchObject({
        actorId: admin.id,
        toolId: tool.id,
        details: { reason: 'Left the team', holder: bob.id, purpose: 'to try it out' },
      });
    expect(await auditEntriesOf(app, 'key.withdrawn')).toMatchObject([
      { actorId: admin.id, details: { environment: 'production' } },
    ]);
    const decisions = (await app.db.read.select().from(requests)).map(({ decision }) => decision);
    expect(decisions.sort()).toEqual(['auto-issued', 'auto-issued', 'withdrawn']);
  });

  it('leaves rejected and revoked keys as they were', async () => {
    const app = await testApp();
    const { admin, bob } = await team(app);
    const tool = await addTool(app);
    const { key } = await bob.call((api) =>
      api.keys.request({ tool: tool.slug, environment: 'development', purpose: 'to try it out' }),
    );
    const revoked = await bob.call((api) => api.keys.revoke({ keyId: key.id }));
    await admin.call((api) => api.users.disable({ userId: bob.id }));
    const [now] = await callerAs(app, bob.id)
      .keys.mine()
      .catch(() => []);
    expect(now).toBeUndefined();
    await admin.call((api) => api.users.enable({ userId: bob.id }));
    expect(await callerAs(app, bob.id).keys.mine()).toEqual([revoked]);
    expect(await auditEntriesOf(app, 'key.revoked')).toHaveLength(1);
  });

  it('keeps them from signing in until they are enabled; ended keys stay ended', async () => {
    const app = await testApp();
    const { admin, bob } = await team(app);
    await admin.call((api) => api.users.disable({ userId: bob.id }));
    const signIn = () =>
      bob.call((api) => api.auth.signIn({ email: 'bob@example.com', password: GOOD_PASSWORD }));
    expect(await reasonOf(signIn())).toBe('sign-in-failed');
    expect(await admin.call((api) => api.users.enable({ userId: bob.id }))).toMatchObject({
      disabledAt: null,
    });
    await signIn();
    expect(await auditEntriesOf(app, 'user.enabled')).toMatchObject([
      { actorId: admin.id, subject: `user:${bob.id}` },
    ]);
    expect(await reasonOf(admin.call((api) => api.users.enable({ userId: bob.id })))).toBe('unchanged');
  });

  it('is refused for oneself, for nobody and twice', async () => {
    const app = await testApp();
    const { admin, bob } = await team(app);
    const disable = (userId: string) => reasonOf(admin.call((api) => api.users.disable({ userId })));
    expect(await disable(admin.id)).toBe('own-account');
    expect(await disable(`usr_${'0'.repeat(20)}`)).toBe('user-not-found');
    await admin.call((api) => api.users.disable({ userId: bob.id }));
    expect(await disable(bob.id)).toBe('unchanged');
    expect(await auditEntriesOf(app, 'user.disabled')).toHaveLength(1);
  });

  it('happens once of twenty at once', async () => {
    const app = await testApp();
    const { admin, bob } = await team(app);
    const results = await Promise.all(
      Array.from({ length: 20 }, () =>
        admin
          .call((api) => api.users.disable({ userId: bob.id }))
          .then(
            () => 'done',
            (error) => reasonOf(Promise.reject(error)),
          ),
      ),
    );
    expect(results.filter((result) => result === 'done')).toHaveLength(1);
    expect(results.filter((result) => result === 'unchanged')).toHaveLength(19);
  });

  it('leaves an enabled admin, when two disable each other at once', async () => {
    const app = await testApp();
    const [ada, eve] = [await addUser(app, 'admin'), await addUser(app, 'admin')];
    const disable = (by: string, userId: string) =>
      callerAs(app, by)
        .users.disable({ userId })
        .then(
          () => 'done',
          (error) => reasonOf(Promise.reject(error)),
        );
    const results = await Promise.all([disable(ada.id, eve.id), disable(eve.id, ada.id)]);
    expect(results.sort()).toEqual(['done', 'signed-out']);
  });

  it('changes nothing at all when its last audit entry cannot be written', async () => {
    const app = await testApp();
    const { admin, bob } = await team(app);
    const tool = await addTool(app);
    await bob.call((api) =>
      api.keys.request({ tool: tool.slug, environment: 'staging', purpose: 'to try it out' }),
    );
    app.db.connections.write.exec(
      "create trigger fault before insert on audit_entries when new.action = 'key.revoked' begin select raise(abort, 'disk full'); end",
    );
    await expect(admin.call((api) => api.users.disable({ userId: bob.id }))).rejects.toThrow();
    app.db.connections.write.exec('drop trigger fault');
    expect(await admin.call((api) => api.users.get({ userId: bob.id }))).toMatchObject({
      disabledAt: null,
      activeKeys: 1,
      sessions: 1,
    });
    expect(await whoIs(bob)).not.toBeNull();
    expect(await auditEntriesOf(app, 'user.disabled')).toEqual([]);
  });
});

describe('ending somebody’s sessions', () => {
  it('signs them out everywhere, and is recorded', async () => {
    const app = await testApp();
    const { admin, bob } = await team(app);
    const phone = visitor(app);
    await phone.call((api) => api.auth.signIn({ email: 'bob@example.com', password: GOOD_PASSWORD }));
    await admin.call((api) => api.users.endSessions({ userId: bob.id }));
    expect(await whoIs(bob)).toBeNull();
    expect(await whoIs(phone)).toBeNull();
    expect(await auditEntriesOf(app, 'user.sessions_ended')).toMatchObject([
      { actorId: admin.id, subject: `user:${bob.id}`, details: { ended: 2 } },
    ]);
    expect(await reasonOf(admin.call((api) => api.users.endSessions({ userId: bob.id })))).toBe('unchanged');
    expect(
      await reasonOf(admin.call((api) => api.users.endSessions({ userId: `usr_${'0'.repeat(20)}` }))),
    ).toBe('user-not-found');
  });
});

describe('administering people', () => {
  it('is refused to members, whose attempt is recorded, and to the signed out', async () => {
    const app = await testApp();
    const { admin, bob } = await team(app);
    const userId = admin.id;
    const calls: [string, (api: ReturnType<typeof callerAs>) => Promise<unknown>][] = [
      ['users.list', (api) => api.users.list()],
      ['users.get', (api) => api.users.get({ userId })],
      ['users.setRole', (api) => api.users.setRole({ userId, role: 'member' })],
      ['users.disable', (api) => api.users.disable({ userId })],
      ['users.enable', (api) => api.users.enable({ userId })],
      ['users.endSessions', (api) => api.users.endSessions({ userId })],
    ];
    for (const [path, call] of calls) {
      expect(await reasonOf(bob.call(call)), path).toBe('not-admin');
      expect(await reasonOf(visitor(app).call(call)), path).toBe('signed-out');
    }
    const denied = await auditEntriesOf(app, 'access.denied');
    expect(denied.map(({ subject }) => subject)).toEqual(calls.map(([path]) => `procedure:${path}`));
  });
});
