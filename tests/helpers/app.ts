import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eq } from 'drizzle-orm';
import { onTestFinished } from 'vitest';
import { type Caller, createCaller } from '~/api/router.server';
import type { ClientInfo } from '~/audit/record.server';
import type { Session } from '~/auth/sessions.server';
import { type App, closeApp } from '~/server/create-app.server';
import { sessions, users } from '~db/schema';
import { openApp } from './open-app';

/** An empty folder, removed at the end of the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'my-ai-keys-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The application on a migrated database file of its own, closed and removed at the end of the test. */
export async function testApp({
  DATA_DIR = temporaryFolder(),
  ...settings
}: Record<string, string> = {}): Promise<App> {
  const app = await openApp(DATA_DIR, settings);
  onTestFinished(() => closeApp(app));
  return app;
}

/** The client that callers made by `callerAs` pretend to be. */
export const TEST_ORIGIN: ClientInfo = { address: '127.0.0.1', userAgent: 'tests', requestId: 'call_test' };

/** The id of a session of this user that never expires; created again if it was ended. */
async function sessionOf(app: App, userId: string): Promise<string> {
  const id = `session-of-${userId}`;
  const [open] = await app.db.read.select({ id: sessions.id }).from(sessions).where(eq(sessions.id, id));
  if (open === undefined) {
    const never = Number.MAX_SAFE_INTEGER;
    const row = { id, userId, createdAt: 0, expiresAt: never, endsAt: never, address: '', userAgent: '' };
    await app.db.write(async (tx) => void (await tx.insert(sessions).values(row).onConflictDoNothing()));
  }
  return id;
}

/** The API as called by this user, with role and enabled state from the database; signed out for null. */
export function callerAs(app: App, userId: string | null): Caller {
  const currentSession = async (): Promise<Session | null> => {
    if (userId === null) return null;
    const [user] = await app.db.read.select().from(users).where(eq(users.id, userId));
    if (user === undefined || user.disabledAt !== null) return null;
    const { id, email, name, role } = user;
    return { user: { id, email, name, role }, sessionId: await sessionOf(app, id) };
  };
  return createCaller({
    app,
    origin: TEST_ORIGIN,
    session: currentSession,
    currentSession,
    setCookie: () => undefined,
  });
}

/** The error reason of a call that must fail. */
export async function reasonOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    const cause = (error as { cause?: { error?: { reason?: string }; name?: string } }).cause;
    if (cause?.error?.reason) return cause.error.reason;
    if (cause?.name === 'ZodError' || cause?.name === '$ZodError') return 'invalid-input';
    throw error;
  }
  throw new Error('the call was expected to fail and succeeded');
}

/** Makes the same call `times` times concurrently: the error reasons of those that failed, the values of the rest. */
export async function callConcurrently<T>(times: number, call: () => Promise<T>) {
  const settled = await Promise.allSettled(Array.from({ length: times }, call));
  return {
    values: settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : [])),
    reasons: settled.flatMap((result) =>
      result.status === 'rejected' ? [result.reason.cause?.error?.reason ?? String(result.reason)] : [],
    ),
  };
}
