import { verify } from '@node-rs/argon2';
import { describe, expect, it, vi } from 'vitest';
import { reasonOf, testApp } from '../helpers/app';
import { auditEntriesOf } from '../helpers/audit';
import { GOOD_PASSWORD, inviteAndJoin, setUpAdmin, visitor } from '../helpers/visitor';

vi.mock('@node-rs/argon2', async (original) => {
  const argon2 = await original<typeof import('@node-rs/argon2')>();
  return { ...argon2, verify: vi.fn(argon2.verify) };
});

const signIn =
  (email: string, password: string) =>
  (api: Parameters<Parameters<ReturnType<typeof visitor>['call']>[0]>[0]) =>
    api.auth.signIn({ email, password });

describe('signing in', () => {
  it('lets a person in by e-mail and password, in whatever case the e-mail is typed', async () => {
    const app = await testApp();
    await setUpAdmin(app);
    const ada = visitor(app);
    expect(await ada.call((api) => api.auth.session())).toBeNull();
    const user = await ada.call(signIn(' Ada@Example.COM ', GOOD_PASSWORD));
    expect(user).toMatchObject({ email: 'ada@example.com', name: 'Ada', role: 'admin' });
    expect(await ada.call((api) => api.auth.session())).toEqual({ user });
    const started = await auditEntriesOf(app, 'session.started');
    expect(started.at(-1)).toMatchObject({ actorId: user.id, actorEmail: 'ada@example.com' });
  });

  it('says the same of a wrong password, an unknown account and a disabled one', async () => {
    const app = await testApp();
    const admin = await setUpAdmin(app);
    const bob = await inviteAndJoin(app, admin, 'bob@example.com');
    await admin.call((api) => api.users.disable({ userId: bob.id }));
    const answers: string[] = [];
    for (const [email, password] of [
      ['ada@example.com', 'seven otters under grass'],
      ['nobody@example.com', GOOD_PASSWORD],
      ['bob@example.com', GOOD_PASSWORD],
    ] as const) {
      const stranger = visitor(app);
      const failure = await stranger.call(signIn(email, password)).catch((error: Error) => error);
      expect(failure).toMatchObject({ code: 'UNAUTHORIZED' });
      answers.push((failure as Error).message);
      expect(await stranger.call((api) => api.auth.session())).toBeNull();
      expect(stranger.lastSetCookie()).toBeUndefined();
    }
    expect(new Set(answers).size).toBe(1);
  });

  it('does the same hashing for a wrong password, an unknown account and a disabled one', async () => {
    const app = await testApp();
    const admin = await setUpAdmin(app);
    const bob = await inviteAndJoin(app, admin, 'bob@example.com');
    await admin.call((api) => api.users.disable({ userId: bob.id }));
    const cost = (stored: unknown) => String(stored).split('$').slice(1, 4).join('$');
    const work: string[][] = [];
    for (const email of ['ada@example.com', 'nobody@example.com', 'bob@example.com']) {
      vi.mocked(verify).mockClear();
      expect(await reasonOf(visitor(app).call(signIn(email, 'seven otters under grass')))).toBe(
        'sign-in-failed',
      );
      work.push(vi.mocked(verify).mock.calls.map(([stored]) => cost(stored)));
    }
    expect(work[0]).toEqual(['argon2id$v=19$m=19456,t=2,p=1']);
    expect(work[1]).toEqual(work[0]);
    expect(work[2]).toEqual(work[0]);
  });

  it('records a refusal with the e-mail typed and the cause, and never the password', async () => {
    const app = await testApp();
    const admin = await setUpAdmin(app);
    for (const email of ['ada@example.com', 'nobody@example.com'])
      expect(await reasonOf(visitor(app).call(signIn(email, 'seven otters under grass')))).toBe(
        'sign-in-failed',
      );
    const refused = await auditEntriesOf(app, 'session.refused');
    expect(refused).toMatchObject([
      {
        actorId: null,
        actorEmail: 'ada@example.com',
        subject: `user:${admin.id}`,
        details: { why: 'wrong-password' },
      },
      {
        actorId: null,
        actorEmail: 'nobody@example.com',
        subject: 'user:unknown',
        details: { why: 'unknown-account' },
      },
    ]);
    expect(JSON.stringify(refused)).not.toContain('under grass');
  });

  it('hashes nothing and records nothing for what is no e-mail address, such as a password in the wrong field', async () => {
    const app = await testApp();
    await setUpAdmin(app);
    vi.mocked(verify).mockClear();
    expect(await reasonOf(visitor(app).call(signIn(GOOD_PASSWORD, GOOD_PASSWORD)))).toBe('invalid-input');
    expect(verify).not.toHaveBeenCalled();
    expect(await auditEntriesOf(app, 'session.refused')).toEqual([]);
  });

  it('slows down whoever guesses, for known and unknown accounts alike, and records that once', async () => {
    const app = await testApp();
    await setUpAdmin(app);
    for (const email of ['ada@example.com', 'nobody@example.com']) {
      const tries = Array.from({ length: 14 }, () =>
        reasonOf(visitor(app, { address: '192.0.2.1' }).call(signIn(email, 'seven otters under grass'))),
      );
      const reasons = await Promise.all(tries);
      expect(reasons.filter((reason) => reason === 'sign-in-failed')).toHaveLength(10);
      expect(reasons.filter((reason) => reason === 'too-many-attempts')).toHaveLength(4);
    }
    const throttled = (await auditEntriesOf(app, 'session.refused')).filter(
      ({ details }) => details.why === 'too-many-attempts',
    );
    expect(throttled.map(({ actorEmail }) => actorEmail)).toEqual(['ada@example.com', 'nobody@example.com']);
    const ada = signIn('ada@example.com', GOOD_PASSWORD);
    expect(await reasonOf(visitor(app, { address: '192.0.2.1' }).call(ada))).toBe('too-many-attempts');
    await visitor(app, { address: '192.0.2.2' }).call(ada);
  });

  it('starts a new session and ends the one that the browser came with', async () => {
    const app = await testApp();
    const ada = await setUpAdmin(app);
    const planted = ada.cookies();
    await ada.call(signIn('ada@example.com', GOOD_PASSWORD));
    expect(ada.cookies()).not.toBe(planted);
    const [name = '', value = ''] = planted.split('=');
    expect(await visitor(app, {}, { [name]: value }).call((api) => api.auth.session())).toBeNull();
    expect(await auditEntriesOf(app, 'session.ended')).toMatchObject([
      { subject: `user:${ada.id}`, details: { replaced: true } },
    ]);
  });

  it('lets nobody in whose password changes while the old one is being verified', async () => {
    const app = await testApp();
    const ada = await setUpAdmin(app);
    const late = visitor(app);
    const { verify: real } = await vi.importActual<typeof import('@node-rs/argon2')>('@node-rs/argon2');
    vi.mocked(verify).mockImplementationOnce(async (stored, given) => {
      const matches = await real(stored, given);
      await ada.call((api) =>
        api.auth.changePassword({ currentPassword: GOOD_PASSWORD, newPassword: 'nine herons over water' }),
      );
      return matches;
    });
    expect(await reasonOf(late.call(signIn('ada@example.com', GOOD_PASSWORD)))).toBe('sign-in-failed');
    expect(await late.call((api) => api.auth.session())).toBeNull();
  });
});

describe('signing out', () => {
  it('ends the session on the server, removes the cookie and is recorded', async () => {
    const app = await testApp();
    const ada = await setUpAdmin(app);
    const [name = '', value = ''] = ada.cookies().split('=');
    await ada.call((api) => api.auth.signOut());
    expect(ada.lastSetCookie()).toMatch(/Max-Age=0/);
    expect(ada.cookies()).toBe('');
    expect(await visitor(app, {}, { [name]: value }).call((api) => api.auth.session())).toBeNull();
    expect(await auditEntriesOf(app, 'session.ended')).toMatchObject([{ actorId: ada.id }]);
  });

  it('does nothing to who is signed out already', async () => {
    const app = await testApp();
    await setUpAdmin(app);
    await visitor(app).call((api) => api.auth.signOut());
    expect(await auditEntriesOf(app, 'session.ended')).toEqual([]);
  });
});
