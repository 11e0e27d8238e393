import { eq } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import type { Caller } from '~/api/router.server';
import { requests, users } from '~db/schema';
import { callConcurrently, callerAs, reasonOf, testApp } from '../helpers/app';
import { auditEntriesOf } from '../helpers/audit';
import { addTool, addUser } from '../helpers/factories';
import { GOOD_PASSWORD, inviteAndJoin, setUpAdmin, type Visitor, visitor } from '../helpers/visitor';

const UNKNOWN = `usr_${'0'.repeat(20)}`;
const PURPOSE = 'to try it out';

const sessionOf = (browser: Visitor) => browser.call((api) => api.auth.session());
const signIn = (browser: Visitor) =>
  browser.call((api) => api.auth.signIn({ email: 'bob@example.com', password: GOOD_PASSWORD }));

/** An app with a signed-in admin and a signed-in member, Bob. */
async function setUp() {
  const app = await testApp();
  const admin = await setUpAdmin(app);
  const bob = await inviteAndJoin(app, admin, 'bob@example.com');
  const setRole = (userId: string, role: 'member' | 'admin') =>
    admin.call((api) => api.users.setRole({ userId, role }));
  const disable = (userId: string, reason?: string) =>
    admin.call((api) => api.users.disable({ userId, reason }));
  const enable = (userId: string) => admin.call((api) => api.users.enable({ userId }));
  return { app, admin, bob, setRole, disable, enable };
}

describe('changing a role', () => {
  it("ends the user's sessions, applies to their next one and is recorded", async () => {
    const { app, admin, bob, setRole } = await setUp();
    expect(await setRole(bob.id, 'admin')).toMatchObject({ role: 'admin', sessions: 0 });
    expect(await sessionOf(bob)).toBeNull();
    await signIn(bob);
    await bob.call((api) => api.users.list());
    await setRole(bob.id, 'member');
    expect(await sessionOf(bob)).toBeNull();
    expect(await auditEntriesOf(app, 'user.promoted')).toMatchObject([
      { actorId: admin.id, subject: `user:${bob.id}`, details: { sessionsEnded: 1 } },
    ]);
    expect(await auditEntriesOf(app, 'user.demoted')).toHaveLength(1);
  });

  it('fails for the own account, an unknown user and the current role', async () => {
    const { admin, bob, setRole } = await setUp();
    expect(await reasonOf(setRole(admin.id, 'member'))).toBe('own-account');
    expect(await reasonOf(setRole(UNKNOWN, 'member'))).toBe('user-not-found');
    expect(await reasonOf(setRole(bob.id, 'member'))).toBe('unchanged');
    expect(await sessionOf(bob)).not.toBeNull();
  });
});

describe('disabling a user', () => {
  it('ends sessions, revokes keys and withdraws requests, with an audit entry for each', async () => {
    const { app, admin, bob, disable } = await setUp();
    const tool = await addTool(app, { requiresApproval: true });
    for (const environment of ['development', 'staging', 'production'] as const)
      await bob.call((api) => api.keys.request({ tool: tool.slug, environment, purpose: PURPOSE }));
    const events: string[] = [];
    app.events.on('key-changed', ({ status, holderId }) => events.push(`${status} ${holderId}`));
    app.events.on('user-changed', ({ userId }) => events.push(userId));

    const after = await disable(bob.id, 'Left the team');
    expect(after).toMatchObject({ activeKeys: 0, pendingRequests: 0, sessions: 0 });
    expect(after.disabledAt).not.toBeNull();
    expect(await sessionOf(bob)).toBeNull();
    expect(events).toEqual([bob.id, ...Array(3).fill(`REVOKED ${bob.id}`)]);

    const details = { reason: 'Left the team', sessionsEnded: 1 };
    expect(await auditEntriesOf(app, 'user.disabled')).toMatchObject([
      { actorId: admin.id, subject: `user:${bob.id}`, details },
    ]);
    const revoked = await auditEntriesOf(app, 'key.revoked');
    expect(revoked.map(({ details }) => details.environment).sort()).toEqual(['development', 'staging']);
    for (const entry of revoked) {
      expect(entry).toMatchObject({
        actorId: admin.id,
        toolId: tool.id,
        details: { reason: 'Left the team', holder: bob.id, purpose: PURPOSE },
      });
    }
    expect(await auditEntriesOf(app, 'key.withdrawn')).toMatchObject([
      { actorId: admin.id, details: { environment: 'production' } },
    ]);
    const decisions = (await app.db.read.select().from(requests)).map(({ decision }) => decision);
    expect(decisions.sort()).toEqual(['auto-issued', 'auto-issued', 'withdrawn']);
  });

  it('leaves keys that were already revoked unchanged', async () => {
    const { app, bob, disable, enable } = await setUp();
    const { slug } = await addTool(app);
    const request = { tool: slug, environment: 'development', purpose: PURPOSE } as const;
    const { key } = await bob.call((api) => api.keys.request(request));
    const revoked = await bob.call((api) => api.keys.revoke({ keyId: key.id }));
    await disable(bob.id);
    expect(await reasonOf(callerAs(app, bob.id).keys.mine())).toBe('signed-out');
    await enable(bob.id);
    expect(await callerAs(app, bob.id).keys.mine()).toEqual([revoked]);
    expect(await auditEntriesOf(app, 'key.revoked')).toHaveLength(1);
  });

  it('prevents signing in until the user is enabled again', async () => {
    const { app, admin, bob, disable, enable } = await setUp();
    await disable(bob.id);
    expect(await reasonOf(signIn(bob))).toBe('sign-in-failed');
    expect(await enable(bob.id)).toMatchObject({ disabledAt: null });
    await signIn(bob);
    expect(await auditEntriesOf(app, 'user.enabled')).toMatchObject([
      { actorId: admin.id, subject: `user:${bob.id}` },
    ]);
    expect(await reasonOf(enable(bob.id))).toBe('unchanged');
  });

  it('fails for the own account and an unknown user', async () => {
    const { admin, disable } = await setUp();
    expect(await reasonOf(disable(admin.id))).toBe('own-account');
    expect(await reasonOf(disable(UNKNOWN))).toBe('user-not-found');
  });

  it('happens once, also with 20 concurrent calls', async () => {
    const { app, bob, disable } = await setUp();
    const { values, reasons } = await callConcurrently(20, () => disable(bob.id));
    expect(values).toHaveLength(1);
    expect(reasons).toEqual(Array(19).fill('unchanged'));
    expect(await auditEntriesOf(app, 'user.disabled')).toHaveLength(1);
  });
});

describe('the last enabled admin', () => {
  const changes: Record<string, (api: Caller, userId: string) => Promise<unknown>> = {
    demote: (api, userId) => api.users.setRole({ userId, role: 'member' }),
    disable: (api, userId) => api.users.disable({ userId }),
  };

  it.each(Object.keys(changes))('remains when two admins %s each other concurrently', async (name) => {
    const app = await testApp();
    const [ada, eve] = [await addUser(app, 'admin'), await addUser(app, 'admin')];
    const change = async (by: string, userId: string) => await changes[name]?.(callerAs(app, by), userId);
    const settled = await Promise.allSettled([change(ada.id, eve.id), change(eve.id, ada.id)]);
    const failed = settled.filter((result) => result.status === 'rejected');
    expect(failed).toHaveLength(1);
    expect(await reasonOf(Promise.reject(failed[0]?.reason))).toBe('signed-out');
    const admins = await app.db.read.select().from(users).where(eq(users.role, 'admin'));
    expect(admins.filter(({ disabledAt }) => disabledAt === null)).toHaveLength(1);
  });
});

describe("ending a user's sessions", () => {
  it('signs the user out everywhere and is recorded', async () => {
    const { app, admin, bob } = await setUp();
    const phone = visitor(app);
    await signIn(phone);
    const endSessions = (userId: string) => admin.call((api) => api.users.endSessions({ userId }));
    await endSessions(bob.id);
    for (const browser of [bob, phone]) expect(await sessionOf(browser)).toBeNull();
    expect(await auditEntriesOf(app, 'user.sessions_ended')).toMatchObject([
      { actorId: admin.id, subject: `user:${bob.id}`, details: { ended: 2 } },
    ]);
    expect(await reasonOf(endSessions(bob.id))).toBe('unchanged');
    expect(await reasonOf(endSessions(UNKNOWN))).toBe('user-not-found');
  });
});
