import { verify } from '@node-rs/argon2';
import { describe, expect, it, vi } from 'vitest';
import type { Caller } from '~/api/router.server';
import { reasonOf, testApp } from '../helpers/app';
import { auditEntriesOf } from '../helpers/audit';
import { GOOD_PASSWORD, inviteAndJoin, setUpAdmin, visitor, withCookie } from '../helpers/visitor';

vi.mock('@node-rs/argon2', async (original) => {
  const argon2 = await original<typeof import('@node-rs/argon2')>();
  return { ...argon2, verify: vi.fn(argon2.verify) };
});

const WRONG_PASSWORD = 'seven otters under grass';

const signIn = (email: string, password: string) => (api: Caller) => api.auth.signIn({ email, password });

async function setUp() {
  const app = await testApp();
  return { app, ada: await setUpAdmin(app) };
}

describe('signing in', () => {
  it('succeeds with email and password, whatever the case of the email', async () => {
    const { app } = await setUp();
    const browser = visitor(app);
    expect(await browser.call((api) => api.auth.session())).toBeNull();
    const user = await browser.call(signIn(' Ada@Example.COM ', GOOD_PASSWORD));
    expect(user).toMatchObject({ email: 'ada@example.com', name: 'Ada', role: 'admin' });
    expect(await browser.call((api) => api.auth.session())).toEqual({ user });
    const started = await auditEntriesOf(app, 'session.started');
    expect(started.at(-1)).toMatchObject({ actorId: user.id, actorEmail: 'ada@example.com' });
  });

  it('fails with the same message after the same hashing for a wrong password, an unknown and a disabled account', async () => {
    const { app, ada } = await setUp();
    const bob = await inviteAndJoin(app, ada, 'bob@example.com');
    await ada.call((api) => api.users.disable({ userId: bob.id }));
    const costOf = (hash: unknown) => String(hash).split('$').slice(1, 4).join('$');
    const attempts = [
      ['ada@example.com', WRONG_PASSWORD],
      ['nobody@example.com', GOOD_PASSWORD],
      ['bob@example.com', GOOD_PASSWORD],
      ['bob@example.com', WRONG_PASSWORD],
    ] as const;
    const outcomes = new Set<string>();
    for (const [email, password] of attempts) {
      vi.mocked(verify).mockClear();
      const browser = visitor(app);
      const failure = (await browser.call(signIn(email, password)).catch((error: Error) => error)) as Error;
      expect(failure).toMatchObject({ code: 'UNAUTHORIZED' });
      expect(await browser.call((api) => api.auth.session())).toBeNull();
      expect(browser.lastSetCookie()).toBeUndefined();
      const costs = vi.mocked(verify).mock.calls.map(([hash]) => costOf(hash));
      outcomes.add(JSON.stringify([failure.message, costs]));
    }
    expect([...outcomes]).toEqual([
      JSON.stringify(['Wrong email or password.', ['argon2id$v=19$m=19456,t=2,p=1']]),
    ]);
  });

  it('records failures with the email and the cause, never the password', async () => {
    const { app, ada } = await setUp();
    for (const email of ['ada@example.com', 'nobody@example.com']) {
      expect(await reasonOf(visitor(app).call(signIn(email, WRONG_PASSWORD)))).toBe('sign-in-failed');
    }
    const refused = await auditEntriesOf(app, 'session.refused');
    const entryOf = (actorEmail: string, subject: string, why: string) => ({
      actorId: null,
      actorEmail,
      subject,
      details: { why },
    });
    expect(refused).toMatchObject([
      entryOf('ada@example.com', `user:${ada.id}`, 'wrong-password'),
      entryOf('nobody@example.com', 'user:unknown', 'unknown-account'),
    ]);
    expect(JSON.stringify(refused)).not.toContain('under grass');
  });

  it('neither hashes nor records input that is no email address, such as a password in the wrong field', async () => {
    const { app } = await setUp();
    vi.mocked(verify).mockClear();
    expect(await reasonOf(visitor(app).call(signIn(GOOD_PASSWORD, GOOD_PASSWORD)))).toBe('invalid-input');
    expect(verify).not.toHaveBeenCalled();
    expect(await auditEntriesOf(app, 'session.refused')).toEqual([]);
  });

  it('is limited to ten failures for known and unknown accounts alike, and records the limit once', async () => {
    const { app } = await setUp();
    const emails = ['ada@example.com', 'nobody@example.com'];
    for (const email of emails) {
      const attempts = Array.from({ length: 14 }, () =>
        reasonOf(visitor(app, { address: '192.0.2.1' }).call(signIn(email, WRONG_PASSWORD))),
      );
      const reasons = await Promise.all(attempts);
      expect(reasons.filter((reason) => reason === 'sign-in-failed')).toHaveLength(10);
      expect(reasons.filter((reason) => reason === 'too-many-attempts')).toHaveLength(4);
    }
    const limited = (await auditEntriesOf(app, 'session.refused')).filter(
      ({ details }) => details.why === 'too-many-attempts',
    );
    expect(limited.map(({ actorEmail }) => actorEmail)).toEqual(emails);
    const correct = signIn('ada@example.com', GOOD_PASSWORD);
    expect(await reasonOf(visitor(app, { address: '192.0.2.1' }).call(correct))).toBe('too-many-attempts');
    await visitor(app, { address: '192.0.2.2' }).call(correct);
  });

  it("starts a new session and ends the browser's previous one", async () => {
    const { app, ada } = await setUp();
    const previous = ada.cookies();
    await ada.call(signIn('ada@example.com', GOOD_PASSWORD));
    expect(ada.cookies()).not.toBe(previous);
    expect(await withCookie(app, previous).call((api) => api.auth.session())).toBeNull();
    expect(await auditEntriesOf(app, 'session.ended')).toMatchObject([
      { subject: `user:${ada.id}`, details: { replaced: true } },
    ]);
  });

  it('fails if the password changes while the old one is being verified', async () => {
    const { app, ada } = await setUp();
    const late = visitor(app);
    const actual = await vi.importActual<typeof import('@node-rs/argon2')>('@node-rs/argon2');
    vi.mocked(verify).mockImplementationOnce(async (hash, password) => {
      const matches = await actual.verify(hash, password);
      const change = { currentPassword: GOOD_PASSWORD, newPassword: 'nine herons over water' };
      await ada.call((api) => api.auth.changePassword(change));
      return matches;
    });
    expect(await reasonOf(late.call(signIn('ada@example.com', GOOD_PASSWORD)))).toBe('sign-in-failed');
    expect(await late.call((api) => api.auth.session())).toBeNull();
  });
});

describe('signing out', () => {
  it('ends the session on the server, removes the cookie and is recorded', async () => {
    const { app, ada } = await setUp();
    const cookie = ada.cookies();
    await ada.call((api) => api.auth.signOut());
    expect(ada.lastSetCookie()).toMatch(/Max-Age=0/);
    expect(ada.cookies()).toBe('');
    expect(await withCookie(app, cookie).call((api) => api.auth.session())).toBeNull();
    expect(await auditEntriesOf(app, 'session.ended')).toMatchObject([{ actorId: ada.id }]);
  });

  it('does nothing when already signed out', async () => {
    const { app } = await setUp();
    await visitor(app).call((api) => api.auth.signOut());
    expect(await auditEntriesOf(app, 'session.ended')).toEqual([]);
  });
});
