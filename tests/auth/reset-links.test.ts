import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { App } from '~/server/create-app.server';
import { resetPassword } from '~/users/reset-password.server';
import { passwordResets } from '~db/schema';
import { callConcurrently, reasonOf, testApp } from '../helpers/app';
import { auditEntriesOf } from '../helpers/audit';
import { addUser } from '../helpers/factories';
import {
  GOOD_PASSWORD,
  inviteAndJoin,
  linkToken,
  setUpAdmin,
  type Visitor,
  visitor,
} from '../helpers/visitor';

const NEW_PASSWORD = 'nine herons above tin';
const DAY_MS = 24 * 60 * 60 * 1000;

afterEach(() => {
  vi.useRealTimers();
});

/** An app with an admin, Ada, and a member, Mara. */
async function setUp() {
  const app = await testApp();
  const ada = await setUpAdmin(app);
  return { app, ada, mara: await inviteAndJoin(app, ada, 'mara@example.com') };
}

const createToken = async (admin: Visitor, userId: string) =>
  linkToken(await admin.call((api) => api.users.makeResetLink({ userId })));

const getLink = (app: App, token: string) => visitor(app).call((api) => api.auth.resetLink({ token }));

const useLink = (app: App, token: string, password = NEW_PASSWORD, browser = visitor(app)) =>
  browser.call((api) => api.auth.resetPassword({ token, password }));

const signIn = (app: App, password: string) =>
  visitor(app).call((api) => api.auth.signIn({ email: 'mara@example.com', password }));

describe('creating a reset link', () => {
  it('returns the link, stores only its hash and records it without the token', async () => {
    const { app, ada, mara } = await setUp();
    const { url, expiresAt } = await ada.call((api) => api.users.makeResetLink({ userId: mara.id }));
    expect(url).toMatch(new RegExp(`^${app.config.origin}/reset-password\\?token=[\\w-]{43}$`));
    const token = linkToken({ url });
    for (const end of ['', '-wal']) {
      const file = readFileSync(join(app.config.dataDir, `my-ai-keys.sqlite${end}`));
      expect(file.includes(token)).toBe(false);
    }
    const entries = await auditEntriesOf(app, 'reset_link.made');
    const details = { email: 'mara@example.com', expiresAt };
    expect(entries).toMatchObject([{ actorId: ada.id, subject: `user:${mara.id}`, details }]);
    expect(JSON.stringify(entries)).not.toContain(token);
    expect(await getLink(app, token)).toEqual({ email: 'mara@example.com', expiresAt });
  });

  it('leaves the old password and the open sessions valid', async () => {
    const { app, ada, mara } = await setUp();
    await createToken(ada, mara.id);
    await signIn(app, GOOD_PASSWORD);
    expect(await mara.call((api) => api.auth.session())).not.toBeNull();
  });

  it("revokes the user's previous link", async () => {
    const { app, ada, mara } = await setUp();
    const first = await createToken(ada, mara.id);
    const second = await createToken(ada, mara.id);
    expect(await reasonOf(useLink(app, first))).toBe('invalid-reset-link');
    expect(await auditEntriesOf(app, 'reset_link.revoked')).toMatchObject([{ actorId: ada.id }]);
    await useLink(app, second);
  });

  it('fails for the own account, an unknown user and a disabled one', async () => {
    const { app, ada } = await setUp();
    const otto = await addUser(app);
    await ada.call((api) => api.users.disable({ userId: otto.id }));
    expect(await reasonOf(createToken(ada, ada.id))).toBe('own-account');
    expect(await reasonOf(createToken(ada, `usr_${'0'.repeat(20)}`))).toBe('user-not-found');
    expect(await reasonOf(createToken(ada, otto.id))).toBe('account-disabled');
    expect(await app.db.read.select().from(passwordResets)).toEqual([]);
  });
});

describe('a reset link', () => {
  it('sets the password, ends every session, signs the browser in and records who created the link', async () => {
    const { app, ada, mara } = await setUp();
    const browser = visitor(app);
    await useLink(app, await createToken(ada, mara.id), NEW_PASSWORD, browser);
    expect(await browser.call((api) => api.auth.session())).toMatchObject({ user: { id: mara.id } });
    expect(await mara.call((api) => api.auth.session())).toBeNull();
    expect(await reasonOf(signIn(app, GOOD_PASSWORD))).toBe('sign-in-failed');
    await signIn(app, NEW_PASSWORD);
    const details = { email: 'mara@example.com', sessionsEnded: 1, linkBy: ada.id };
    expect(await auditEntriesOf(app, 'password.reset')).toMatchObject([
      { actorId: mara.id, subject: `user:${mara.id}`, details },
    ]);
  });

  it('works once, also when it is used 20 times concurrently', async () => {
    const { app, ada, mara } = await setUp();
    const token = await createToken(ada, mara.id);
    const { values, reasons } = await callConcurrently(20, () => useLink(app, token));
    expect(values).toHaveLength(1);
    expect(reasons).toEqual(Array(19).fill('invalid-reset-link'));
    expect(await auditEntriesOf(app, 'password.reset')).toHaveLength(1);
  });

  it('lifts the rate limit that failures with the old password reached', async () => {
    const { app, ada, mara } = await setUp();
    for (let n = 0; n < 10; n++) await reasonOf(signIn(app, `wrong ${n} otters`));
    expect(await reasonOf(signIn(app, GOOD_PASSWORD))).toBe('too-many-attempts');
    await useLink(app, await createToken(ada, mara.id));
    await signIn(app, NEW_PASSWORD);
  });

  it('stays valid after a weak password was rejected', async () => {
    const { app, ada, mara } = await setUp();
    const token = await createToken(ada, mara.id);
    expect(await reasonOf(useLink(app, token, 'mara@example.com'))).toBe('weak-password');
    expect(await reasonOf(useLink(app, token, 'short'))).toBe('invalid-input');
    await useLink(app, token);
  });

  it('expires after 24 hours', async () => {
    const start = Date.UTC(2026, 10, 7);
    vi.useFakeTimers({ toFake: ['Date'], now: start });
    const { app, ada, mara } = await setUp();
    const token = await createToken(ada, mara.id);
    vi.setSystemTime(start + DAY_MS - 1);
    await getLink(app, token);
    vi.setSystemTime(start + DAY_MS);
    expect(await reasonOf(getLink(app, token))).toBe('invalid-reset-link');
    expect(await reasonOf(useLink(app, token))).toBe('invalid-reset-link');
  });

  const ROLES = { user: ['admin', 'member'], creator: ['member', 'admin'] } as const;

  it.each([
    ['user', 'disabled and enabled'],
    ['user', 'given another role and back'],
    ['creator', 'disabled and enabled'],
    ['creator', 'given another role and back'],
  ] as const)('is revoked when its %s is %s', async (who, change) => {
    const { app, ada, mara } = await setUp();
    const eve = await inviteAndJoin(app, ada, 'eve@example.com', 'admin');
    const token = await createToken(eve, mara.id);
    const userId = { user: mara.id, creator: eve.id }[who];
    if (change === 'disabled and enabled') {
      await ada.call((api) => api.users.disable({ userId }));
      await ada.call((api) => api.users.enable({ userId }));
    } else {
      for (const role of ROLES[who]) await ada.call((api) => api.users.setRole({ userId, role }));
    }
    expect(await reasonOf(useLink(app, token))).toBe('invalid-reset-link');
    expect(await auditEntriesOf(app, 'reset_link.revoked')).toMatchObject([{ actorId: ada.id }]);
  });

  it('is revoked when the password is changed in the account or on the command line', async () => {
    const { app, ada, mara } = await setUp();
    const first = await createToken(ada, mara.id);
    const change = { currentPassword: GOOD_PASSWORD, newPassword: NEW_PASSWORD };
    await mara.call((api) => api.auth.changePassword(change));
    expect(await reasonOf(useLink(app, first))).toBe('invalid-reset-link');
    const second = await createToken(ada, mara.id);
    await resetPassword(app, { email: 'mara@example.com', password: GOOD_PASSWORD });
    expect(await reasonOf(useLink(app, second))).toBe('invalid-reset-link');
  });

  it('is invalid with an unknown token', async () => {
    const { app } = await setUp();
    expect(await reasonOf(useLink(app, 'x'.repeat(43)))).toBe('invalid-reset-link');
    expect(await reasonOf(getLink(app, 'x'))).toBe('invalid-reset-link');
  });
});
