import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { App } from '~/server/create-app.server';
import { resetPassword } from '~/users/reset-password.server';
import { passwordResets } from '~db/schema';
import { callConcurrently, callerAs, reasonOf, testApp } from '../helpers/app';
import { auditEntriesOf } from '../helpers/audit';
import { addUser } from '../helpers/factories';
import { GOOD_PASSWORD, inviteAndJoin, setUpAdmin, type Visitor, visitor } from '../helpers/visitor';

const NEW_PASSWORD = 'nine herons above tin';
const DAY_MS = 24 * 60 * 60 * 1000;

afterEach(() => {
  vi.useRealTimers();
});

async function company() {
  const app = await testApp();
  const ada = await setUpAdmin(app);
  return { app, ada, mara: await inviteAndJoin(app, ada, 'mara@example.com') };
}

async function linkFor(admin: Visitor, userId: string): Promise<string> {
  const { url } = await admin.call((api) => api.users.makeResetLink({ userId }));
  return new URL(url).searchParams.get('token') ?? '';
}

const choose = (app: App, token: string, password = NEW_PASSWORD) =>
  visitor(app).call((api) => api.auth.resetPassword({ token, password }));

const signIn = (app: App, password: string, address = '127.0.0.1') =>
  visitor(app, { address }).call((api) => api.auth.signIn({ email: 'mara@example.com', password }));

describe('making a reset link', () => {
  it('answers a one-time link of which only the hash is kept, and is recorded without it', async () => {
    const { app, ada, mara } = await company();
    const { url, expiresAt } = await ada.call((api) => api.users.makeResetLink({ userId: mara.id }));
    expect(url).toMatch(new RegExp(`^${app.config.origin}/reset-password\\?token=[\\w-]{43}$`));
    const token = new URL(url).searchParams.get('token') ?? '';
    for (const end of ['', '-wal']) {
      const file = readFileSync(join(app.config.dataDir, `my-ai-keys.sqlite${end}`));
      expect(file.includes(token)).toBe(false);
    }
    const entries = await auditEntriesOf(app, 'reset_link.made');
    expect(entries).toMatchObject([
      {
        actorId: ada.id,
        subject: `user:${mara.id}`,
        details: { email: 'mara@example.com', expiresAt },
      },
    ]);
    expect(JSON.stringify(entries)).not.toContain(token);
    expect(await visitor(app).call((api) => api.auth.resetLink({ token }))).toEqual({
      email: 'mara@example.com',
      expiresAt,
    });
    // Nothing has changed yet: the old password and the open sessions go on.
    await signIn(app, GOOD_PASSWORD);
    expect(await mara.call((api) => api.auth.session())).not.toBeNull();
  });

  it('ends the link that was made before', async () => {
    const { app, ada, mara } = await company();
    const first = await linkFor(ada, mara.id);
    const second = await linkFor(ada, mara.id);
    expect(await reasonOf(choose(app, first))).toBe('invalid-reset-link');
    expect(await auditEntriesOf(app, 'reset_link.revoked')).toMatchObject([{ actorId: ada.id }]);
    await choose(app, second);
  });

  it('is for admins, for somebody else, who is enabled', async () => {
    const { app, ada, mara } = await company();
    const otto = await addUser(app);
    const link = (by: string | null, userId: string) =>
      reasonOf(callerAs(app, by).users.makeResetLink({ userId }));
    expect(await link(mara.id, otto.id)).toBe('not-admin');
    expect(await link(null, otto.id)).toBe('signed-out');
    expect(await link(ada.id, ada.id)).toBe('own-account');
    expect(await link(ada.id, `usr_${'0'.repeat(20)}`)).toBe('user-not-found');
    await ada.call((api) => api.users.disable({ userId: otto.id }));
    expect(await link(ada.id, otto.id)).toBe('account-disabled');
    expect(await app.db.read.select().from(passwordResets)).toEqual([]);
  });
});

describe('a reset link', () => {
  it('sets a new password, ends every session, signs its bearer in, and is recorded with who made it', async () => {
    const { app, ada, mara } = await company();
    const token = await linkFor(ada, mara.id);
    const bearer = visitor(app);
    await bearer.call((api) => api.auth.resetPassword({ token, password: NEW_PASSWORD }));
    expect(await bearer.call((api) => api.auth.session())).toMatchObject({ user: { id: mara.id } });
    expect(await mara.call((api) => api.auth.session())).toBeNull();
    expect(await reasonOf(signIn(app, GOOD_PASSWORD))).toBe('sign-in-failed');
    await signIn(app, NEW_PASSWORD);
    expect(await auditEntriesOf(app, 'password.reset')).toMatchObject([
      {
        actorId: mara.id,
        subject: `user:${mara.id}`,
        details: { email: 'mara@example.com', sessionsEnded: 1, linkBy: ada.id },
      },
    ]);
  });

  it('works once: of twenty at once one wins', async () => {
    const { app, ada, mara } = await company();
    const token = await linkFor(ada, mara.id);
    const { values, reasons } = await callConcurrently(20, () => choose(app, token));
    expect(values).toHaveLength(1);
    expect(reasons).toEqual(Array(19).fill('invalid-reset-link'));
    expect(await auditEntriesOf(app, 'password.reset')).toHaveLength(1);
  });

  it('lets a person in who has been locked out by failures with the old password', async () => {
    const { app, ada, mara } = await company();
    for (let n = 0; n < 10; n++) await reasonOf(signIn(app, `wrong ${n} otters`));
    expect(await reasonOf(signIn(app, GOOD_PASSWORD))).toBe('too-many-attempts');
    await choose(app, await linkFor(ada, mara.id));
    await signIn(app, NEW_PASSWORD);
  });

  it('goes on working after a password that is easy to guess was refused', async () => {
    const { app, ada, mara } = await company();
    const token = await linkFor(ada, mara.id);
    expect(await reasonOf(choose(app, token, 'mara@example.com'))).toBe('weak-password');
    expect(await reasonOf(choose(app, token, 'short'))).toBe('invalid-input');
    await choose(app, token);
  });

  it('ends after a day', async () => {
    const start = Date.UTC(2026, 10, 7);
    vi.useFakeTimers({ toFake: ['Date'], now: start });
    const { app, ada, mara } = await company();
    const token = await linkFor(ada, mara.id);
    vi.setSystemTime(start + DAY_MS - 1);
    await visitor(app).call((api) => api.auth.resetLink({ token }));
    vi.setSystemTime(start + DAY_MS);
    expect(await reasonOf(visitor(app).call((api) => api.auth.resetLink({ token })))).toBe(
      'invalid-reset-link',
    );
    expect(await reasonOf(choose(app, token))).toBe('invalid-reset-link');
  });

  it.each(['its person', 'its maker'])(
    'ends with the disabling and the change of role of %s',
    async (whose) => {
      for (const how of ['disable', 'setRole'] as const) {
        const { app, ada, mara } = await company();
        const eve = await inviteAndJoin(app, ada, 'eve@example.com', 'admin');
        const token = await linkFor(eve, mara.id);
        const { id: userId } = whose === 'its maker' ? eve : mara;
        if (how === 'disable') {
          await ada.call((api) => api.users.disable({ userId }));
          await ada.call((api) => api.users.enable({ userId }));
        } else {
          const roles =
            whose === 'its maker' ? (['member', 'admin'] as const) : (['admin', 'member'] as const);
          for (const role of roles) await ada.call((api) => api.users.setRole({ userId, role }));
        }
        expect(await reasonOf(choose(app, token))).toBe('invalid-reset-link');
        expect(await auditEntriesOf(app, 'reset_link.revoked')).toMatchObject([{ actorId: ada.id }]);
      }
    },
  );

  it('ends when its person remembers the password and changes it, or is given one at the console', async () => {
    const { app, ada, mara } = await company();
    const first = await linkFor(ada, mara.id);
    await mara.call((api) =>
      api.auth.changePassword({ currentPassword: GOOD_PASSWORD, newPassword: NEW_PASSWORD }),
    );
    expect(await reasonOf(choose(app, first))).toBe('invalid-reset-link');
    const second = await linkFor(ada, mara.id);
    await resetPassword(app, { email: 'mara@example.com', password: GOOD_PASSWORD });
    expect(await reasonOf(choose(app, second))).toBe('invalid-reset-link');
  });

  it('that was never made lets nobody in', async () => {
    const { app } = await company();
    expect(await reasonOf(choose(app, 'x'.repeat(43)))).toBe('invalid-reset-link');
    expect(await reasonOf(visitor(app).call((api) => api.auth.resetLink({ token: 'x' })))).toBe(
      'invalid-reset-link',
    );
  });
});
