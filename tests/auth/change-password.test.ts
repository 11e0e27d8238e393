import { describe, expect, it } from 'vitest';
import { callerAs, reasonOf, testApp } from '../helpers/app';
import { auditEntriesOf } from '../helpers/audit';
import { GOOD_PASSWORD, setUpAdmin, visitor } from '../helpers/visitor';

const NEW_PASSWORD = 'nine herons over water';
const change = { currentPassword: GOOD_PASSWORD, newPassword: NEW_PASSWORD };

describe('changing one’s password', () => {
  it('ends the other sessions, renews this one and is recorded without the passwords', async () => {
    const app = await testApp();
    const ada = await setUpAdmin(app);
    const phone = visitor(app);
    await phone.call((api) => api.auth.signIn({ email: 'ada@example.com', password: GOOD_PASSWORD }));
    const before = ada.cookies();
    expect(await ada.call((api) => api.auth.changePassword(change))).toEqual({ othersEnded: 1 });
    expect(ada.cookies()).not.toBe(before);
    expect(await ada.call((api) => api.auth.session())).toMatchObject({ user: { id: ada.id } });
    expect(await phone.call((api) => api.auth.session())).toBeNull();
    const [name = '', value = ''] = before.split('=');
    expect(await visitor(app, {}, { [name]: value }).call((api) => api.auth.session())).toBeNull();
    const entries = await auditEntriesOf(app, 'password.changed');
    expect(entries).toMatchObject([{ actorId: ada.id, details: { othersEnded: 1 } }]);
    expect(JSON.stringify(entries)).not.toMatch(/otters|herons/);
  });

  it('lets the new password in and the old one no longer', async () => {
    const app = await testApp();
    const ada = await setUpAdmin(app);
    await ada.call((api) => api.auth.changePassword(change));
    const signIn = (password: string) =>
      visitor(app).call((api) => api.auth.signIn({ email: 'ada@example.com', password }));
    expect(await reasonOf(signIn(GOOD_PASSWORD))).toBe('sign-in-failed');
    await signIn(NEW_PASSWORD);
  });

  it('is refused without the current password, which is recorded', async () => {
    const app = await testApp();
    const ada = await setUpAdmin(app);
    const wrong = { ...change, currentPassword: NEW_PASSWORD };
    expect(await reasonOf(ada.call((api) => api.auth.changePassword(wrong)))).toBe('wrong-password');
    expect(await auditEntriesOf(app, 'password.refused')).toMatchObject([{ actorId: ada.id }]);
    expect(await ada.call((api) => api.auth.session())).not.toBeNull();
  });

  it('is refused for a password that is easy to guess, too short or the one it replaces', async () => {
    const app = await testApp();
    const ada = await setUpAdmin(app);
    for (const [newPassword, reason] of [
      ['password1234', 'weak-password'],
      ['ada@example.com', 'weak-password'],
      ['short', 'invalid-input'],
      [GOOD_PASSWORD, 'unchanged'],
    ] as const) {
      expect(await reasonOf(ada.call((api) => api.auth.changePassword({ ...change, newPassword })))).toBe(
        reason,
      );
    }
  });

  it('slows down guessing in a session that was left open', async () => {
    const app = await testApp();
    const ada = await setUpAdmin(app);
    const wrong = { ...change, currentPassword: 'eight herons over water' };
    for (let n = 0; n < 10; n++)
      expect(await reasonOf(ada.call((api) => api.auth.changePassword(wrong)))).toBe('wrong-password');
    expect(await reasonOf(ada.call((api) => api.auth.changePassword(change)))).toBe('too-many-attempts');
  });

  it('happens once when the same form is sent ten times at once', async () => {
    const app = await testApp();
    const ada = await setUpAdmin(app);
    const context = ada.cookies();
    const [name = '', value = ''] = context.split('=');
    const results = await Promise.all(
      Array.from({ length: 10 }, () =>
        visitor(app, {}, { [name]: value })
          .call((api) => api.auth.changePassword(change))
          .then(
            () => 'changed',
            (error) => reasonOf(Promise.reject(error)),
          ),
      ),
    );
    expect(results.filter((result) => result === 'changed')).toHaveLength(1);
    expect(await auditEntriesOf(app, 'password.changed')).toHaveLength(1);
  });

  it('is for the signed in only', async () => {
    const app = await testApp();
    await setUpAdmin(app);
    expect(await reasonOf(callerAs(app, null).auth.changePassword(change))).toBe('signed-out');
    expect(await reasonOf(callerAs(app, null).auth.sessions())).toBe('signed-out');
    expect(await reasonOf(callerAs(app, null).auth.endOtherSessions())).toBe('signed-out');
  });
});
