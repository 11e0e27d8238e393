import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { App } from '~/server/create-app.server';
import { users } from '~db/schema';
import { callConcurrently, reasonOf, testApp } from '../helpers/app';
import { auditEntriesOf } from '../helpers/audit';
import {
  GOOD_PASSWORD,
  inviteAndJoin,
  linkToken,
  setUpAdmin,
  type Visitor,
  visitor,
} from '../helpers/visitor';

const WEEK_MS = 7 * 24 * 60 * 60 * 1000;

afterEach(() => {
  vi.useRealTimers();
});

async function setUp() {
  const app = await testApp();
  return { app, admin: await setUpAdmin(app) };
}

const invite = (admin: Visitor, email = 'bob@example.com', role: 'member' | 'admin' = 'member') =>
  admin.call((api) => api.users.invite({ email, role }));

const inviteBob = async (admin: Visitor, role: 'member' | 'admin' = 'member') =>
  linkToken(await invite(admin, 'bob@example.com', role));

const getInvitation = (app: App, token: string) => visitor(app).call((api) => api.auth.invitation({ token }));

const accept = (app: App, token: string, name = 'Bob', password = GOOD_PASSWORD) =>
  visitor(app).call((api) => api.auth.acceptInvitation({ token, name, password }));

describe('inviting', () => {
  it('returns a one-time link, stores only its hash and records it without the token', async () => {
    const { app, admin } = await setUp();
    const { url } = await invite(admin, ' Bob@Example.com');
    expect(url).toMatch(new RegExp(`^${app.config.origin}/invite\\?token=[\\w-]{43}$`));
    const token = linkToken({ url });
    for (const end of ['', '-wal']) {
      const file = readFileSync(join(app.config.dataDir, `my-ai-keys.sqlite${end}`));
      expect(file.includes(token)).toBe(false);
    }
    const entries = await auditEntriesOf(app, 'user.invited');
    const details = { email: 'bob@example.com', role: 'member' };
    expect(entries).toMatchObject([{ actorId: admin.id, details }]);
    expect(JSON.stringify(entries)).not.toContain(token);
    expect(await admin.call((api) => api.users.invitations())).toMatchObject([
      { ...details, invitedBy: { name: 'Ada' } },
    ]);
  });

  it('fails for a user, for an address with an open invitation and for something else', async () => {
    const { admin } = await setUp();
    expect(await reasonOf(invite(admin, 'ADA@example.com'))).toBe('email-taken');
    await inviteBob(admin);
    expect(await reasonOf(invite(admin, 'BOB@example.com'))).toBe('already-invited');
    expect(await reasonOf(invite(admin, 'not an address'))).toBe('invalid-input');
  });

  it('creates one link for 20 concurrent calls with one address', async () => {
    const { admin } = await setUp();
    const { values, reasons } = await callConcurrently(20, () => inviteBob(admin));
    expect(values).toHaveLength(1);
    expect(reasons).toEqual(Array(19).fill('already-invited'));
  });
});

describe('an invitation', () => {
  it('shows who is invited by whom in which role', async () => {
    const { app, admin } = await setUp();
    const token = await inviteBob(admin, 'admin');
    expect(await getInvitation(app, token)).toMatchObject({
      email: 'bob@example.com',
      role: 'admin',
      invitedBy: 'Ada',
    });
    expect(await reasonOf(getInvitation(app, 'x'))).toBe('invalid-invitation');
  });

  it('creates a signed-in user with its role when it is accepted, and is recorded', async () => {
    const { app, admin } = await setUp();
    const bob = await inviteAndJoin(app, admin, 'bob@example.com', 'admin');
    expect(await bob.call((api) => api.auth.session())).toMatchObject({
      user: { id: bob.id, role: 'admin' },
    });
    expect(await auditEntriesOf(app, 'user.joined')).toMatchObject([
      { actorId: bob.id, subject: `user:${bob.id}`, details: { role: 'admin', invitedBy: admin.id } },
    ]);
    expect(await admin.call((api) => api.users.invitations())).toEqual([]);
  });

  it('can be accepted once, also with 20 concurrent calls', async () => {
    const { app, admin } = await setUp();
    const token = await inviteBob(admin);
    const { values, reasons } = await callConcurrently(20, () => accept(app, token));
    expect(values).toHaveLength(1);
    for (const reason of reasons) expect(['invalid-invitation', 'email-taken']).toContain(reason);
    expect(await app.db.read.select().from(users)).toHaveLength(2);
    expect(await auditEntriesOf(app, 'user.joined')).toHaveLength(1);
    expect(await reasonOf(accept(app, token))).toBe('invalid-invitation');
  });

  it('stays valid after a weak password or an empty name was rejected', async () => {
    const { app, admin } = await setUp();
    const token = await inviteBob(admin);
    expect(await reasonOf(accept(app, token, 'Bob', 'bob@example.com'))).toBe('weak-password');
    expect(await reasonOf(accept(app, token, '  '))).toBe('invalid-input');
    await accept(app, token);
  });

  it('expires after a week, and the address can be invited again', async () => {
    const start = Date.UTC(2026, 10, 7);
    vi.useFakeTimers({ toFake: ['Date'], now: start });
    const { app, admin } = await setUp();
    const token = await inviteBob(admin);
    vi.setSystemTime(start + WEEK_MS - 1);
    await getInvitation(app, token);
    vi.setSystemTime(start + WEEK_MS);
    await admin.call((api) => api.auth.signIn({ email: 'ada@example.com', password: GOOD_PASSWORD }));
    expect(await reasonOf(accept(app, token))).toBe('invalid-invitation');
    expect(await admin.call((api) => api.users.invitations())).toEqual([]);
    await accept(app, await inviteBob(admin));
    expect(await auditEntriesOf(app, 'invitation.revoked')).toMatchObject([
      { actorId: admin.id, details: { email: 'bob@example.com', why: 'expired' } },
    ]);
  });

  it('can be revoked once, and then cannot be accepted', async () => {
    const { app, admin } = await setUp();
    const token = await inviteBob(admin);
    const [open] = await admin.call((api) => api.users.invitations());
    const revoke = () => admin.call((api) => api.users.revokeInvitation({ invitationId: open?.id ?? '' }));
    await revoke();
    expect(await reasonOf(accept(app, token))).toBe('invalid-invitation');
    expect(await reasonOf(revoke())).toBe('invitation-not-found');
    expect(await auditEntriesOf(app, 'invitation.revoked')).toMatchObject([
      { actorId: admin.id, subject: `invitation:${open?.id}`, details: { email: 'bob@example.com' } },
    ]);
  });

  it.each(['disabled', 'demoted'])('is revoked when its inviter is %s', async (how) => {
    const { app, admin } = await setUp();
    const eve = await inviteAndJoin(app, admin, 'eve@example.com', 'admin');
    const token = await inviteBob(eve, 'admin');
    if (how === 'disabled') await admin.call((api) => api.users.disable({ userId: eve.id }));
    else await admin.call((api) => api.users.setRole({ userId: eve.id, role: 'member' }));
    expect(await reasonOf(accept(app, token))).toBe('invalid-invitation');
    expect(await auditEntriesOf(app, 'invitation.revoked')).toMatchObject([{ actorId: admin.id }]);
  });
});
