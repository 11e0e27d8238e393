import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eq } from 'drizzle-orm';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { purgeExpiredSessions } from '~/auth/purge-sessions.server';
import { SESSION_ABSOLUTE_MS, SESSION_IDLE_MS } from '~/auth/session-store.server';
import { getSession } from '~/auth/sessions.server';
import type { App } from '~/server/create-app.server';
import { sessions } from '~db/schema';
import { testApp } from '../helpers/app';
import { auditEntriesOf } from '../helpers/audit';
import { GOOD_PASSWORD, inviteAndJoin, setUpAdmin, type Visitor, visitor } from '../helpers/visitor';

const START = Date.UTC(2026, 10, 7, 12);
const DAY_MS = 24 * 60 * 60 * 1000;

afterEach(() => {
  vi.useRealTimers();
});

async function setUp(settings?: Record<string, string>) {
  const app = await testApp(settings);
  return { app, ada: await setUpAdmin(app) };
}

/** The same at START, with a clock that the test moves. */
async function setUpAtStart() {
  vi.useFakeTimers({ toFake: ['Date'], now: START });
  return await setUp();
}

const sessionOf = (browser: Visitor) => browser.call((api) => api.auth.session());
const signIn = (browser: Visitor, email = 'ada@example.com') =>
  browser.call((api) => api.auth.signIn({ email, password: GOOD_PASSWORD }));
const sessionRows = (app: App) => app.db.read.select().from(sessions);

describe('a session', () => {
  it('is stored as the hash of its token only', async () => {
    const { app, ada } = await setUp();
    const token = ada.cookies().split('=')[1] ?? '';
    expect(token).toMatch(/^[a-z2-7]{40}$/);
    const files = ['', '-wal'].map((end) => join(app.config.dataDir, `my-ai-keys.sqlite${end}`));
    for (const file of files) expect(readFileSync(file).includes(token), file).toBe(false);
    const [row] = await sessionRows(app);
    expect(row?.id).toMatch(/^[0-9a-f]{64}$/);
    expect(files.some((file) => readFileSync(file).includes(row?.id ?? ''))).toBe(true);
  });

  it('has a cookie that scripts and other sites cannot use', async () => {
    const { ada } = await setUp();
    expect(ada.lastSetCookie()).toMatch(
      /^my-ai-keys=[a-z2-7]{40}; HttpOnly; Max-Age=604800; Path=\/; SameSite=Lax$/,
    );
  });

  it('has a secure __Host- cookie if the public origin is https', async () => {
    const { app, ada } = await setUp({ ORIGIN: 'https://keys.example.com' });
    expect(ada.lastSetCookie()).toMatch(
      /^__Host-my-ai-keys=[^;]+; HttpOnly; Max-Age=604800; Path=\/; SameSite=Lax; Secure$/,
    );
    const token = ada.cookies().split('=')[1] ?? '';
    expect(await sessionOf(visitor(app, {}, { 'my-ai-keys': token }))).toBeNull();
  });

  it('ends after a week without use', async () => {
    const { ada } = await setUpAtStart();
    const cookie = ada.cookies();
    vi.setSystemTime(START + SESSION_IDLE_MS + 1000);
    expect(await sessionOf(ada)).toBeNull();
    expect(ada.cookies()).not.toBe(cookie);
  });

  it('is extended with its cookie by use', async () => {
    const { ada } = await setUpAtStart();
    for (let day = 4; day <= 28; day += 4) {
      vi.setSystemTime(START + day * DAY_MS);
      expect(await sessionOf(ada), `day ${day}`).not.toBeNull();
      expect(ada.lastSetCookie()).toMatch(/Max-Age=604800/);
    }
  });

  it('ends after 30 days even if it is used every day', async () => {
    const { ada } = await setUpAtStart();
    for (let day = 1; day < 30; day++) {
      vi.setSystemTime(START + day * DAY_MS);
      expect(await sessionOf(ada), `day ${day}`).not.toBeNull();
    }
    vi.setSystemTime(START + SESSION_ABSOLUTE_MS);
    expect(await sessionOf(ada)).toBeNull();
  });

  it('is not extended by a check that cannot renew the cookie', async () => {
    const { app, ada } = await setUpAtStart();
    vi.setSystemTime(START + 5 * DAY_MS);
    expect(await getSession(app, ada.cookies())).toMatchObject({ user: { id: ada.id } });
    const [row] = await sessionRows(app);
    expect(row?.expiresAt).toBe(START + SESSION_IDLE_MS);
    vi.setSystemTime(START + SESSION_IDLE_MS);
    expect(await getSession(app, ada.cookies())).toBeNull();
  });

  it.each(['', '%', 'x', 'a'.repeat(40), `${'a'.repeat(39)}%`, '"'.repeat(40)])(
    'is not found for the invalid token %j',
    async (value) => {
      const { app } = await setUp();
      expect(await sessionOf(visitor(app, {}, { 'my-ai-keys': value }))).toBeNull();
    },
  );

  it("is found among other applications' cookies, badly encoded ones included", async () => {
    const { app, ada } = await setUp();
    const [name = '', value = ''] = ada.cookies().split('=');
    const cookies = { theirs: '%E0%A4%A', [name]: value, more: 'a=b=c' };
    expect(await sessionOf(visitor(app, {}, cookies))).not.toBeNull();
  });
});

describe('the limit of 100 sessions per user', () => {
  it("ends only the user's oldest sessions when another starts, and is recorded", async () => {
    const { app, ada } = await setUp();
    const bob = await inviteAndJoin(app, ada, 'bob@example.com');
    const end = START * 2;
    const old = Array.from({ length: 120 }, (_, createdAt) => ({
      ...{ id: `bob-${createdAt}`, userId: bob.id, createdAt, expiresAt: end, endsAt: end },
      ...{ address: '', userAgent: '' },
    }));
    await app.db.write(async (tx) => void (await tx.insert(sessions).values(old)));
    const phone = visitor(app);
    await signIn(phone, 'bob@example.com');
    const kept = await app.db.read.select().from(sessions).where(eq(sessions.userId, bob.id));
    expect(kept).toHaveLength(100);
    expect(Math.min(...kept.map(({ createdAt }) => createdAt))).toBe(22);
    for (const browser of [ada, bob, phone]) expect(await sessionOf(browser)).not.toBeNull();
    expect(await auditEntriesOf(app, 'user.sessions_ended')).toMatchObject([
      { actorId: bob.id, subject: `user:${bob.id}`, details: { ended: 22, oldest: true } },
    ]);
    await signIn(phone, 'bob@example.com');
    expect(await auditEntriesOf(app, 'user.sessions_ended')).toHaveLength(1);
  });
});

describe('the purge of expired sessions', () => {
  it('deletes sessions past their idle or absolute limit', async () => {
    const { app, ada } = await setUpAtStart();
    for (const day of [5, 10, 15, 20, 25, 29]) {
      vi.setSystemTime(START + day * DAY_MS);
      await sessionOf(ada);
    }
    await signIn(visitor(app));
    for (const [day, left] of [
      [29, 2],
      [30, 1],
      [40, 0],
    ] as const) {
      vi.setSystemTime(START + day * DAY_MS);
      await purgeExpiredSessions(app);
      expect(await sessionRows(app), `day ${day}`).toHaveLength(left);
    }
  });

  it('runs every hour until the server stops', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'setInterval', 'clearInterval'], now: START });
    const { app } = await setUp();
    vi.setSystemTime(START + SESSION_IDLE_MS);
    expect(await sessionRows(app)).toHaveLength(1);
    vi.advanceTimersByTime(60 * 60 * 1000);
    await vi.waitFor(async () => expect(await sessionRows(app)).toHaveLength(0));
    app.stopPurging();
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("a user's own sessions", () => {
  it('are listed without their ids, and the current one is marked', async () => {
    const { app, ada } = await setUp();
    await signIn(visitor(app, { userAgent: 'phone', address: '192.0.2.5' }));
    const list = await ada.call((api) => api.auth.sessions());
    expect(list).toHaveLength(2);
    expect(list.find(({ current }) => !current)).toMatchObject({ userAgent: 'phone', address: '192.0.2.5' });
    expect(list.find(({ current }) => current)).toMatchObject({ userAgent: 'tests' });
    expect(list[0]).not.toHaveProperty('id');
  });

  it('can be ended everywhere else', async () => {
    const { app, ada } = await setUp();
    const phone = visitor(app);
    await signIn(phone);
    expect(await ada.call((api) => api.auth.endOtherSessions())).toEqual({ ended: 1 });
    expect(await sessionOf(phone)).toBeNull();
    expect(await sessionOf(ada)).not.toBeNull();
    expect(await ada.call((api) => api.auth.endOtherSessions())).toEqual({ ended: 0 });
  });
});
