import { describe, expect, it } from 'vitest';
import { setupNotice } from '~/auth/setup.server';
import { ConfigError } from '~/core/config.server';
import { type App, closeApp } from '~/server/create-app.server';
import { users } from '~db/schema';
import { callConcurrently, reasonOf, temporaryFolder, testApp } from '../helpers/app';
import { auditEntriesOf } from '../helpers/audit';
import { openApp } from '../helpers/open-app';
import { GOOD_PASSWORD, setUpAdmin, visitor } from '../helpers/visitor';

const ADA = { name: 'Ada', email: 'ada@example.com', password: GOOD_PASSWORD };

const setUp = (app: App, token: string, changes: Partial<typeof ADA> = {}, browser = visitor(app)) =>
  browser.call((api) => api.auth.setUp({ token, ...ADA, ...changes }));

const setupState = (app: App, token?: string) =>
  visitor(app).call((api) => api.auth.setupState(token === undefined ? undefined : { token }));

describe('setup', () => {
  it('makes the person who opens the printed link the first admin, signs them in and records it', async () => {
    const app = await testApp();
    const url = new URL(setupNotice(app)?.split(' ').at(-1) ?? '');
    expect(url.origin + url.pathname).toBe(`${app.config.origin}/setup`);
    const token = url.searchParams.get('token') ?? '';
    const browser = visitor(app);
    const user = await setUp(app, token, { email: ' ADA@example.com' }, browser);
    expect(user).toMatchObject({ name: 'Ada', email: 'ada@example.com', role: 'admin' });
    expect(await browser.call((api) => api.auth.session())).toEqual({ user });
    expect(await auditEntriesOf(app, 'user.created')).toMatchObject([
      { actorId: user.id, subject: `user:${user.id}`, details: { role: 'admin', firstAdmin: true } },
    ]);
    expect(await auditEntriesOf(app, 'session.started')).toHaveLength(1);
  });

  it("fails without this process's token", async () => {
    const app = await testApp();
    const other = await testApp();
    for (const token of ['x', other.setupToken?.token ?? '', (app.setupToken?.token ?? '').slice(0, -1)]) {
      expect(await reasonOf(setUp(app, token))).toBe('invalid-setup-link');
    }
    expect(await app.db.read.select().from(users)).toEqual([]);
  });

  it('fails with a weak password, and the link stays valid', async () => {
    const app = await testApp();
    const token = app.setupToken?.token ?? '';
    expect(await reasonOf(setUp(app, token, { password: 'ada@example.com' }))).toBe('weak-password');
    expect(await setupState(app, token)).toEqual({ isSetUp: false, linkWorks: true });
    await setUpAdmin(app);
  });

  it('succeeds once, also when it is called 20 times concurrently', async () => {
    const app = await testApp();
    const token = app.setupToken?.token ?? '';
    let n = 0;
    const { values, reasons } = await callConcurrently(20, () =>
      setUp(app, token, { email: `ada${n++}@example.com` }),
    );
    expect(values).toHaveLength(1);
    expect(reasons).toEqual(Array(19).fill('already-set-up'));
    expect(await app.db.read.select().from(users)).toHaveLength(1);
    expect(await auditEntriesOf(app, 'user.created')).toHaveLength(1);
    expect(await reasonOf(setUp(app, token))).toBe('already-set-up');
  });

  it('shows anyone whether it is done, and whether the link works only with its token', async () => {
    const app = await testApp();
    expect(await setupState(app)).toEqual({ isSetUp: false, linkWorks: false });
    expect(await setupState(app, 'x')).toEqual({ isSetUp: false, linkWorks: false });
    const token = app.setupToken?.token ?? '';
    await setUpAdmin(app);
    expect(await setupState(app, token)).toEqual({ isSetUp: true, linkWorks: false });
  });

  it('has a new link at each start until there is a user', async () => {
    const folder = temporaryFolder();
    const first = await openApp(folder);
    await closeApp(first);
    const second = await openApp(folder);
    expect(second.setupToken?.token).not.toBe(first.setupToken?.token);
    expect(second.setupToken?.accepts(first.setupToken?.token ?? '')).toBe(false);
    await setUpAdmin(second);
    expect(setupNotice(second)).toBeNull();
    await closeApp(second);
    const third = await openApp(folder);
    expect(setupNotice(third)).toBeNull();
    await closeApp(third);
  });
});

describe('ADMIN_EMAIL and ADMIN_PASSWORD', () => {
  it('create the first admin on an empty database', async () => {
    const app = await testApp({ ADMIN_EMAIL: 'Ada@Example.com', ADMIN_PASSWORD: GOOD_PASSWORD });
    expect(setupNotice(app)).toBeNull();
    const user = await visitor(app).call((api) =>
      api.auth.signIn({ email: 'ada@example.com', password: GOOD_PASSWORD }),
    );
    expect(user).toMatchObject({ name: 'ada', role: 'admin' });
    expect(await auditEntriesOf(app, 'user.created')).toMatchObject([
      { actorId: null, details: { email: 'ada@example.com' } },
    ]);
  });

  it('change nothing once there is a user', async () => {
    const folder = temporaryFolder();
    const settings = { ADMIN_EMAIL: 'ada@example.com', ADMIN_PASSWORD: GOOD_PASSWORD };
    await closeApp(await openApp(folder, settings));
    const other = { ADMIN_EMAIL: 'eve@example.com', ADMIN_PASSWORD: 'nine herons over water' };
    const app = await openApp(folder, other);
    expect((await app.db.read.select().from(users)).map(({ email }) => email)).toEqual(['ada@example.com']);
    await closeApp(app);
  });

  it('stop the server with one sentence if the password is weak, without showing it', async () => {
    const failure = await testApp({ ADMIN_EMAIL: 'ada@example.com', ADMIN_PASSWORD: 'password1234' }).catch(
      (error: Error) => error,
    );
    expect(failure).toBeInstanceOf(ConfigError);
    expect((failure as Error).message).toMatch(/^ADMIN_PASSWORD is too easy to guess [^.]*\.$/);
    expect((failure as Error).message).not.toContain('password1234');
  });
});
