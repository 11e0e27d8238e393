import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { App } from '~/server/create-app.server';
import { invitations, users } from '~db/schema';
import { callerAs, reasonOf, testApp } from '../helpers/app';
import { auditEntriesOf } from '../helpers/audit';
import { addUser } from '../helpers/factories';
import { GOOD_PASSWORD, inviteAndJoin, setUpAdmin, type Visitor, visitor } from '../helpers/visitor';

const WEEK_MS = 7 * 24 * 60 * 60 * 1000;

afterEach(() => {
  vi.useRealTimers();
});

async function inviteBob(admin: Visitor, role: 'member' | 'admin' = 'member') {
  const { url } = await admin.call((api) => api.users.invite({ email: 'bob@example.com', role }));
  return new URL(url).searchParams.get('token') ?? '';
}

const accept = (app: App, token: string, name = 'Bob', password = GOOD_PASSWORD) =>
  visitor(app).call((api) => api.auth.acceptInvitation({ token, name, password }));

describe('inviting', () => {
  it('answers a one-time link of which only the hash is kept, and is recorded without it', async () => {
    const app = await testApp();
    const admin = await setUpAdmin(app);
    const { url } = await admin.call((api) =>
      api.users.invite({ email: ' Bob@Example.com', role: 'member' }),
    );
    expect(url).toMatch(new RegExp(`^${app.config.origin}/invite\\?token=[\\w-]{43}$`));
    const token = new URL(url).searchParams.get('token') ?? '';
    for (const end of ['', '-wal'])
      expect(readFileSync(join(app.config.dataDir, `my-ai-keys.sqlite${end}`)).includes(token)).toBe(false);
    const entries = await auditEntriesOf(app, 'user.invited');
    expect(entries).toMatchObject([
      { actorId: admin.id, details: { email: 'bob@example.com', role: 'member' } },
    ]);
    expect(JSON.stringify(entries)).not.toContain(token);
    expect(await admin.call((api) => api.users.invitations())).toMatchObject([
      { email: 'bob@example.com', role: 'member', invitedBy: { name: 'Ada' } },
    ]);
  });

  it('is refused for somebody who is a user already, or has an open invitation', async () => {
    const app = await testApp();
    const admin = await setUpAdmin(app);
    const invite = (email: string) =>
      reasonOf(admin.call((api) => api.users.invite({ email, role: 'member' })));
    expect(await invite('ADA@example.com')).toBe('email-taken');
    await inviteBob(admin);
    expect(await invite('BOB@example.com')).toBe('already-invited');
    expect(await invite('not an address')).toBe('invalid-input');
  });

  it('of one address twenty times at once makes one link', async () => {
    const app = await testApp();
    const admin = await setUpAdmin(app);
    const results = await Promise.all(
      Array.from({ length: 20 }, () =>
        inviteBob(admin).then(
          () => 'invited',
          (error) => reasonOf(Promise.reject(error)),
        ),
      ),
    );
    expect(results.filter((result) => result === 'invited')).toHaveLength(1);
    expect(results.filter((result) => result === 'already-invited')).toHaveLength(19);
  });

  it('is for admins', async () => {
    const app = await testApp();
    const member = await addUser(app);
    const invite = { email: 'bob@example.com', role: 'admin' } as const;
    expect(await reasonOf(callerAs(app, member.id).users.invite(invite))).toBe('not-admin');
    expect(await reasonOf(callerAs(app, member.id).users.invitations())).toBe('not-admin');
    expect(await reasonOf(callerAs(app, null).users.invite(invite))).toBe('signed-out');
    expect(await app.db.read.select().from(invitations)).toEqual([]);
  });
});

describe('an invitation', () => {
  it('tells its bearer who invited whom as what', async () => {
    const app = await testApp();
    const admin = await setUpAdmin(app);
    const token = await inviteBob(admin, 'admin');
    const told = await visitor(app).call((api) => api.auth.invitation({ token }));
    expect(told).toMatchObject({ email: 'bob@example.com', role: 'admin', invitedBy: 'Ada' });
    expect(await reasonOf(visitor(app).call((api) => api.auth.invitation({ token: 'x' })))).toBe(
      'invalid-invitation',
    );
  });

  it('makes its bearer a user with the role it names, signed in, and is recorded', async () => {
    const app = await testApp();
    const admin = await setUpAdmin(app);
    const bob = await inviteAndJoin(app, admin, 'bob@example.com', 'admin');
    expect(await bob.call((api) => api.auth.session())).toMatchObject({
      user: { id: bob.id, role: 'admin' },
    });
    expect(await auditEntriesOf(app, 'user.joined')).toMatchObject([
      { actorId: bob.id, subject: `user:${bob.id}`, details: { role: 'admin', invitedBy: admin.id } },
    ]);
    expect(await admin.call((api) => api.users.invitations())).toEqual([]);
  });

  it('works once: of twenty at once one wins', async () => {
    const app = await testApp();
    const admin = await setUpAdmin(app);
    const token = await inviteBob(admin);
    const results = await Promise.all(
      Array.from({ length: 20 }, () =>
        accept(app, token).then(
          () => 'joined',
          (error) => reasonOf(Promise.reject(error)),
        ),
      ),
    );
    expect(results.filter((result) => result === 'joined')).toHaveLength(1);
    expect(
      results.filter(
        (result) => result === 'joined' || result === 'invalid-invitation' || result === 'email-taken',
      ),
    ).toHaveLength(20);
    expect(await app.db.read.select().from(users)).toHaveLength(2);
    expect(await auditEntriesOf(app, 'user.joined')).toHaveLength(1);
    expect(await reasonOf(accept(app, token))).toBe('invalid-invitation');
  });

  it('goes on working after a password that is easy to guess was refused', async () => {
    const app = await testApp();
    const admin = await setUpAdmin(app);
    const token = await inviteBob(admin);
    expect(await reasonOf(accept(app, token, 'Bob', 'bob@example.com'))).toBe('weak-password');
    expect(await reasonOf(accept(app, token, '  '))).toBe('invalid-input');
    await accept(app, token);
  });

  it('ends after a week, and the address can be invited anew', async () => {
    const start = Date.UTC(2026, 10, 7);
    vi.useFakeTimers({ toFake: ['Date'], now: start });
    const app = await testApp();
    const admin = await setUpAdmin(app);
    const token = await inviteBob(admin);
    vi.setSystemTime(start + WEEK_MS - 1);
    await visitor(app).call((api) => api.auth.invitation({ token }));
    vi.setSystemTime(start + WEEK_MS);
    await admin.call((api) => api.auth.signIn({ email: 'ada@example.com', password: GOOD_PASSWORD }));
    expect(await reasonOf(accept(app, token))).toBe('invalid-invitation');
    expect(await admin.call((api) => api.users.invitations())).toEqual([]);
    await accept(app, await inviteBob(admin));
    expect(await auditEntriesOf(app, 'invitation.revoked')).toMatchObject([
      { actorId: admin.id, details: { email: 'bob@example.com', why: 'expired' } },
    ]);
  });

  it('can be withdrawn, once, by an admin, and then lets nobody in', async () => {
    const app = await testApp();
    const admin = await setUpAdmin(app);
    const token = await inviteBob(admin);
    const [open] = await admin.call((api) => api.users.invitations());
    const withdraw = { invitationId: open?.id ?? '' };
    const member = await addUser(app);
    expect(await reasonOf(callerAs(app, member.id).users.revokeInvitation(withdraw))).toBe('not-admin');
    await admin.call((api) => api.users.revokeInvitation(withdraw));
    expect(await reasonOf(accept(app, token))).toBe('invalid-invitation');
    expect(await reasonOf(admin.call((api) => api.users.revokeInvitation(withdraw)))).toBe(
      'invitation-not-found',
    );
    expect(await auditEntriesOf(app, 'invitation.revoked')).toMatchObject([
      { actorId: admin.id, subject: `invitation:${open?.id}`, details: { email: 'bob@example.com' } },
    ]);
  });

  it.each(['disabled', 'demoted'])('ends with the powers of who made it: %s', async (how) => {
    const app = await testApp();
    const admin = await setUpAdmin(app);
    const eve = await inviteAndJoin(app, admin, 'eve@example.com', 'admin');
    const token = await inviteBob(eve, 'admin');
    if (how === 'disabled') await admin.call((api) => api.users.disable({ userId: eve.id }));
    else await admin.call((api) => api.users.setRole({ userId: eve.id, role: 'member' }));
    expect(await reasonOf(accept(app, token))).toBe('invalid-invitation');
    expect(await auditEntriesOf(app, 'invitation.revoked')).toMatchObject([{ actorId: admin.id }]);
  });
});
