import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eq } from 'drizzle-orm';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { purgeExpiredSessions } from '~/auth/purge-sessions.server';
import { SESSION_ABSOLUTE_MS, SESSION_IDLE_MS } from '~/auth/session-store.server';
import { getSession } from '~/auth/sessions.server';
import { sessions } from '~db/schema';
import { testApp } from '../helpers/app';
import { auditEntriesOf } from '../helpers/audit';
import { GOOD_PASSWORD, inviteAndJoin, setUpAdmin, visitor } from '../helpers/visitor';

const START = Date.UTC(2026, 10, 7, 12);
const DAY_MS = 24 * 60 * 60 * 1000;

afterEach(() => {
  vi.useRealTimers();
});

/** An application whose clock, and lucia's, stands at START until it is moved. */
async function clockedApp() {
  vi.useFakeTimers({ toFake: ['Date'], now: START });
  const app = await testApp();
  return { app, ada: await setUpAdmin(app) };
}

const whoIs = (someone: ReturnType<typeof visitor>) => someone.call((api) => api.auth.session());

describe('sessions', () => {
  it('leave no token in the database file or its log, only its hash', async () => {
    const app = await testApp();
    const ada = await setUpAdmin(app);
    const token = ada.cookies().split('=')[1] ?? '';
    expect(token).toMatch(/^[a-z2-7]{40}$/);
    const files = ['', '-wal'].map((end) => join(app.config.dataDir, `my-ai-keys.sqlite${end}`));
    for (const file of files) expect(readFileSync(file).includes(token), file).toBe(false);
    const [row] = await app.db.read.select().from(sessions);
    expect(row?.id).toMatch(/^[0-9a-f]{64}$/);
    expect(files.some((file) => readFileSync(file).includes(row?.id ?? ''))).toBe(true);
  });

  it('travel in a cookie that scripts and other sites cannot reach', async () => {
    const app = await testApp();
    const ada = await setUpAdmin(app);
    expect(ada.lastSetCookie()).toMatch(
      /^my-ai-keys=[a-z2-7]{40}; HttpOnly; Max-Age=604800; Path=\/; SameSite=Lax$/,
    );
  });

  it('travel in a secure __Host- cookie where the public address is https', async () => {
    const app = await testApp({ ORIGIN: 'https://keys.example.com' });
    const ada = await setUpAdmin(app);
    expect(ada.lastSetCookie()).toMatch(
      /^__Host-my-ai-keys=[^;]+; HttpOnly; Max-Age=604800; Path=\/; SameSite=Lax; Secure$/,
    );
    const token = ada.cookies().split('=')[1] ?? '';
    expect(await whoIs(visitor(app, {}, { 'my-ai-keys': token }))).toBeNull();
  });

  it('end when nobody uses them for a week', async () => {
    const { ada } = await clockedApp();
    vi.setSystemTime(START + SESSION_IDLE_MS - 1000);
    const cookies = ada.cookies();
    vi.setSystemTime(START + SESSION_IDLE_MS + 1000);
    expect(await whoIs(ada)).toBeNull();
    expect(ada.cookies()).not.toBe(cookies);
  });

  it('go on, and their cookie with them, while they are used', async () => {
    const { ada } = await clockedApp();
    for (let day = 4; day <= 28; day += 4) {
      vi.setSystemTime(START + day * DAY_MS);
      expect(await whoIs(ada), `day ${day}`).not.toBeNull();
      expect(ada.lastSetCookie()).toMatch(/Max-Age=604800/);
    }
  });

  it('end after thirty days, however busy', async () => {
    const { ada } = await clockedApp();
    for (let day = 1; day < 30; day++) {
      vi.setSystemTime(START + day * DAY_MS);
      expect(await whoIs(ada), `day ${day}`).not.toBeNull();
    }
    vi.setSystemTime(START + SESSION_ABSOLUTE_MS);
    expect(await whoIs(ada)).toBeNull();
  });

  it('are not prolonged by a look that cannot renew the cookie', async () => {
    const { app, ada } = await clockedApp();
    vi.setSystemTime(START + 5 * DAY_MS);
    expect(await getSession(app, ada.cookies())).toMatchObject({ user: { id: ada.id } });
    const [row] = await app.db.read.select().from(sessions);
    expect(row?.expiresAt).toBe(START + SESSION_IDLE_MS);
    vi.setSystemTime(START + SESSION_IDLE_MS);
    expect(await getSession(app, ada.cookies())).toBeNull();
  });

  it('are removed from the database once they are over, whichever limit ended them', async () => {
    const { app, ada } = await clockedApp();
    for (let day = 5; day <= 25; day += 5) {
      vi.setSystemTime(START + day * DAY_MS);
      await whoIs(ada);
    }
    vi.setSystemTime(START + 29 * DAY_MS);
    await whoIs(ada);
    await visitor(app).call((api) => api.auth.signIn({ email: 'ada@example.com', password: GOOD_PASSWORD }));
    await purgeExpiredSessions(app);
    expect(await app.db.read.select().from(sessions)).toHaveLength(2);
    vi.setSystemTime(START + SESSION_ABSOLUTE_MS);
    await purgeExpiredSessions(app);
    expect(await app.db.read.select().from(sessions)).toHaveLength(1);
    vi.setSystemTime(START + 40 * DAY_MS);
    await purgeExpiredSessions(app);
    expect(await app.db.read.select().from(sessions)).toHaveLength(0);
  });

  it('are a hundred of one person at most: with the next one the oldest end, of nobody else, and that is recorded', async () => {
    const app = await testApp();
    const ada = await setUpAdmin(app);
    const bob = await inviteAndJoin(app, ada, 'bob@example.com');
    const begun = (createdAt: number) => ({
      id: `bob-${createdAt}`,
      userId: bob.id,
      createdAt,
      expiresAt: START * 2,
      endsAt: START * 2,
      address: '',
      userAgent: '',
    });
    const old = Array.from({ length: 120 }, (_, n) => begun(n));
    await app.db.write(async (tx) => void (await tx.insert(sessions).values(old)));
    const phone = visitor(app);
    await phone.call((api) => api.auth.signIn({ email: 'bob@example.com', password: GOOD_PASSWORD }));
    const kept = await app.db.read.select().from(sessions).where(eq(sessions.userId, bob.id));
    expect(kept).toHaveLength(100);
    expect(Math.min(...kept.map(({ createdAt }) => createdAt))).toBe(22);
    for (const somebody of [ada, bob, phone]) expect(await whoIs(somebody)).not.toBeNull();
    expect(await auditEntriesOf(app, 'user.sessions_ended')).toMatchObject([
      { actorId: bob.id, subject: `user:${bob.id}`, details: { ended: 22, oldest: true } },
    ]);
    await phone.call((api) => api.auth.signIn({ email: 'bob@example.com', password: GOOD_PASSWORD }));
    expect(await auditEntriesOf(app, 'user.sessions_ended')).toHaveLength(1);
  });

  it('are looked through every hour, until the server stops', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'setInterval', 'clearInterval'], now: START });
    const app = await testApp();
    await setUpAdmin(app);
    const rows = () => app.db.read.select().from(sessions);
    vi.setSystemTime(START + SESSION_IDLE_MS);
    expect(await rows()).toHaveLength(1);
    vi.advanceTimersByTime(60 * 60 * 1000);
    await vi.waitFor(async () => expect(await rows()).toHaveLength(0));
    app.stopPurging();
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each(['', '%', 'x', 'a'.repeat(40), `${'a'.repeat(39)}%`, '"'.repeat(40)])(
    'are not found by a cookie that bears none: %j',
    async (value) => {
      const app = await testApp();
      await setUpAdmin(app);
      expect(await whoIs(visitor(app, {}, { 'my-ai-keys': value }))).toBeNull();
    },
  );

  it('are found beside other applications’ cookies, badly encoded ones among them', async () => {
    const app = await testApp();
    const ada = await setUpAdmin(app);
    const [name = '', value = ''] = ada.cookies().split('=');
    expect(
      await whoIs(visitor(app, {}, { theirs: '%E0%A4%A', [name]: value, more: 'a=b=c' })),
    ).not.toBeNull();
  });
});

describe('one’s own sessions', () => {
  it('are listed, newest first, with the one that asks marked, and without their ids', async () => {
    const app = await testApp();
    const ada = await setUpAdmin(app);
    const phone = visitor(app, { userAgent: 'phone', address: '192.0.2.5' });
    await phone.call((api) => api.auth.signIn({ email: 'ada@example.com', password: GOOD_PASSWORD }));
    const list = await ada.call((api) => api.auth.sessions());
    expect(list).toHaveLength(2);
    expect(list.find(({ current }) => !current)).toMatchObject({ userAgent: 'phone', address: '192.0.2.5' });
    expect(list.find(({ current }) => current)).toMatchObject({ userAgent: 'tests' });
    expect(list[0]).not.toHaveProperty('id');
  });

  it('end everywhere but here when asked', async () => {
    const app = await testApp();
    const ada = await setUpAdmin(app);
    const phone = visitor(app);
    await phone.call((api) => api.auth.signIn({ email: 'ada@example.com', password: GOOD_PASSWORD }));
    expect(await ada.call((api) => api.auth.endOtherSessions())).toEqual({ ended: 1 });
    expect(await whoIs(phone)).toBeNull();
    expect(await whoIs(ada)).not.toBeNull();
    expect(await ada.call((api) => api.auth.endOtherSessions())).toEqual({ ended: 0 });
  });
});
