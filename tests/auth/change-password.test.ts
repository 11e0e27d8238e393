import { describe, expect, it } from 'vitest';
import { callConcurrently, reasonOf, testApp } from '../helpers/app';
import { auditEntriesOf } from '../helpers/audit';
import { GOOD_PASSWORD, setUpAdmin, visitor, withCookie } from '../helpers/visitor';

const NEW_PASSWORD = 'nine herons over water';
const CHANGE = { currentPassword: GOOD_PASSWORD, newPassword: NEW_PASSWORD };

/** An app with a signed-in admin; `change` changes her password. */
async function setUp() {
  const app = await testApp();
  const ada = await setUpAdmin(app);
  const signIn = (password: string, who = visitor(app)) =>
    who.call((api) => api.auth.signIn({ email: 'ada@example.com', password }));
  const change = (input: Partial<typeof CHANGE> = {}) =>
    ada.call((api) => api.auth.changePassword({ ...CHANGE, ...input }));
  return { app, ada, signIn, change };
}

describe('changing a password', () => {
  it('ends the other sessions, renews this one and records no password', async () => {
    const { app, ada, signIn, change } = await setUp();
    const phone = visitor(app);
    await signIn(GOOD_PASSWORD, phone);
    const before = ada.cookies();
    expect(await change()).toEqual({ othersEnded: 1 });
    expect(ada.cookies()).not.toBe(before);
    expect(await ada.call((api) => api.auth.session())).toMatchObject({ user: { id: ada.id } });
    expect(await phone.call((api) => api.auth.session())).toBeNull();
    expect(await withCookie(app, before).call((api) => api.auth.session())).toBeNull();
    const entries = await auditEntriesOf(app, 'password.changed');
    expect(entries).toMatchObject([{ actorId: ada.id, details: { othersEnded: 1 } }]);
    expect(JSON.stringify(entries)).not.toMatch(/otters|herons/);
  });

  it('makes the new password work and the old one fail', async () => {
    const { signIn, change } = await setUp();
    await change();
    expect(await reasonOf(signIn(GOOD_PASSWORD))).toBe('sign-in-failed');
    await signIn(NEW_PASSWORD);
  });

  it('fails with a wrong current password and records the attempt', async () => {
    const { app, ada, change } = await setUp();
    expect(await reasonOf(change({ currentPassword: NEW_PASSWORD }))).toBe('wrong-password');
    expect(await auditEntriesOf(app, 'password.refused')).toMatchObject([{ actorId: ada.id }]);
    expect(await ada.call((api) => api.auth.session())).not.toBeNull();
  });

  it.each([
    ['is common', 'password1234', 'weak-password'],
    ["is the user's email address", 'ada@example.com', 'weak-password'],
    ['is too short', 'short', 'invalid-input'],
    ['is the current one', GOOD_PASSWORD, 'unchanged'],
  ])('fails if the new password %s', async (_, newPassword, reason) => {
    const { change } = await setUp();
    expect(await reasonOf(change({ newPassword }))).toBe(reason);
  });

  it('limits guesses of the current password in a session that was left open', async () => {
    const { change } = await setUp();
    for (let n = 0; n < 10; n++) {
      expect(await reasonOf(change({ currentPassword: 'eight herons over water' }))).toBe('wrong-password');
    }
    expect(await reasonOf(change())).toBe('too-many-attempts');
  });

  it('happens once when the same form is sent ten times concurrently', async () => {
    const { app, ada } = await setUp();
    const cookie = ada.cookies();
    const { values } = await callConcurrently(10, () =>
      withCookie(app, cookie).call((api) => api.auth.changePassword(CHANGE)),
    );
    expect(values).toHaveLength(1);
    expect(await auditEntriesOf(app, 'password.changed')).toHaveLength(1);
  });
});
