import { describe, expect, it } from 'vitest';
import { setupNotice } from '~/auth/setup.server';
import { ConfigError, readConfig } from '~/core/config.server';
import { createLogger } from '~/core/logger.server';
import { closeApp, createApp } from '~/server/create-app.server';
import { users } from '~db/schema';
import { reasonOf, temporaryFolder, testApp } from '../helpers/app';
import { auditEntriesOf } from '../helpers/audit';
import { GOOD_PASSWORD, setUpAdmin, visitor } from '../helpers/visitor';

const ADA = { name: 'Ada', email: 'ada@example.com', password: GOOD_PASSWORD };

describe('setting up', () => {
  it('makes the bearer of the printed link the first admin, signs them in and records it', async () => {
    const app = await testApp();
    const url = new URL(setupNotice(app)?.split(' ').at(-1) ?? '');
    expect(url.origin + url.pathname).toBe(`${app.config.origin}/setup`);
    const token = url.searchParams.get('token') ?? '';
    const ada = visitor(app);
    const user = await ada.call((api) => api.auth.setUp({ token, ...ADA, email: ' ADA@example.com' }));
    expect(user).toMatchObject({ name: 'Ada', email: 'ada@example.com', role: 'admin' });
    expect(await ada.call((api) => api.auth.session())).toEqual({ user });
    expect(await auditEntriesOf(app, 'user.created')).toMatchObject([
      { actorId: user.id, subject: `user:${user.id}`, details: { role: 'admin', firstAdmin: true } },
    ]);
    expect(await auditEntriesOf(app, 'session.started')).toHaveLength(1);
  });

  it('is refused to who does not bear this start’s token', async () => {
    const app = await testApp();
    const other = await testApp();
    for (const token of ['x', other.setupToken?.token ?? '', (app.setupToken?.token ?? '').slice(0, -1)]) {
      expect(await reasonOf(visitor(app).call((api) => api.auth.setUp({ token, ...ADA })))).toBe(
        'invalid-setup-link',
      );
    }
    expect(await app.db.read.select().from(users)).toEqual([]);
  });

  it('is refused with a password that is easy to guess, and the link goes on working', async () => {
    const app = await testApp();
    const token = app.setupToken?.token ?? '';
    const weak = { ...ADA, password: 'ada@example.com' };
    expect(await reasonOf(visitor(app).call((api) => api.auth.setUp({ token, ...weak })))).toBe(
      'weak-password',
    );
    expect(await visitor(app).call((api) => api.auth.setupState({ token }))).toEqual({
      isSetUp: false,
      linkWorks: true,
    });
    await setUpAdmin(app);
  });

  it('happens once: of twenty at once one wins, and later ones are told so', async () => {
    const app = await testApp();
    const token = app.setupToken?.token ?? '';
    const tries = Array.from({ length: 20 }, (_, n) =>
      visitor(app)
        .call((api) => api.auth.setUp({ token, ...ADA, email: `ada${n}@example.com` }))
        .then(
          () => 'won',
          (error) => reasonOf(Promise.reject(error)),
        ),
    );
    const results = await Promise.all(tries);
    expect(results.filter((result) => result === 'won')).toHaveLength(1);
    expect(results.filter((result) => result === 'already-set-up')).toHaveLength(19);
    expect(await app.db.read.select().from(users)).toHaveLength(1);
    expect(await auditEntriesOf(app, 'user.created')).toHaveLength(1);
    expect(await reasonOf(visitor(app).call((api) => api.auth.setUp({ token, ...ADA })))).toBe(
      'already-set-up',
    );
  });

  it('tells anybody whether it was done, and only a bearer whether the link works', async () => {
    const app = await testApp();
    const stranger = visitor(app);
    expect(await stranger.call((api) => api.auth.setupState())).toEqual({ isSetUp: false, linkWorks: false });
    expect(await stranger.call((api) => api.auth.setupState({ token: 'x' }))).toEqual({
      isSetUp: false,
      linkWorks: false,
    });
    const token = app.setupToken?.token ?? '';
    await setUpAdmin(app);
    expect(await stranger.call((api) => api.auth.setupState({ token }))).toEqual({
      isSetUp: true,
      linkWorks: false,
    });
  });

  it('offers a new link at each start while there are no users, and none afterwards', async () => {
    const config = readConfig({ DATA_DIR: temporaryFolder(), LOG_LEVEL: 'silent' });
    const start = () => createApp(config, createLogger(config));
    const first = await start();
    await closeApp(first);
    const second = await start();
    expect(second.setupToken?.token).not.toBe(first.setupToken?.token);
    expect(second.setupToken?.accepts(first.setupToken?.token ?? '')).toBe(false);
    await setUpAdmin(second);
    expect(setupNotice(second)).toBeNull();
    await closeApp(second);
    const third = await start();
    expect(setupNotice(third)).toBeNull();
    await closeApp(third);
  });
});

describe('ADMIN_EMAIL and ADMIN_PASSWORD', () => {
  it('create the first admin on an empty database, who can sign in', async () => {
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

  it('change nothing once there are users', async () => {
    const folder = temporaryFolder();
    const settings = {
      DATA_DIR: folder,
      LOG_LEVEL: 'silent',
      ADMIN_EMAIL: 'ada@example.com',
      ADMIN_PASSWORD: GOOD_PASSWORD,
    };
    const first = await createApp(readConfig(settings), createLogger({ logLevel: 'silent' }));
    await closeApp(first);
    const other = { ...settings, ADMIN_EMAIL: 'eve@example.com', ADMIN_PASSWORD: 'nine herons over water' };
    const second = await createApp(readConfig(other), createLogger({ logLevel: 'silent' }));
    expect((await second.db.read.select().from(users)).map(({ email }) => email)).toEqual([
      'ada@example.com',
    ]);
    await closeApp(second);
  });

  it('stop the start with one sentence when the password is easy to guess, without showing it', async () => {
    const failure = await testApp({ ADMIN_EMAIL: 'ada@example.com', ADMIN_PASSWORD: 'password1234' }).catch(
      (error: Error) => error,
    );
    expect(failure).toBeInstanceOf(ConfigError);
    expect((failure as Error).message).toMatch(/^ADMIN_PASSWORD is too easy to guess [^.]*\.$/);
    expect((failure as Error).message).not.toContain('password1234');
  });
});
