import { and, desc, eq, gt, ne, notInArray } from 'drizzle-orm';
import type { AppContext } from '~/app-context.server';
import { type Actor, type ClientInfo, record } from '~/audit/record.server';
import type { Queries } from '~db/database';
import { sessions } from '~db/schema';
import type { UserRole } from '~db/schema/enums';
import type { SessionView } from './auth.schema';
import {
  createLucia,
  findSession,
  hashToken,
  SESSION_ABSOLUTE_MS,
  transactionStore,
} from './session-store.server';

export interface Session {
  user: { id: string; email: string; name: string; role: UserRole };
  /** The stored id of the session: a hash, not the cookie's token. */
  sessionId: string;
}

type Needs = Pick<AppContext, 'db' | 'config' | 'now'>;

/** The shape of lucia's tokens: 25 random bytes in base32. */
const TOKEN = /^[a-z2-7]{40}$/;

/**
 * How many a person has at once; beyond it those end that began first. A script that signs in again and again would
 * otherwise make a list that takes the server seconds to show.
 */
const MAX_SESSIONS = 100;

/**
 * Who bears this Cookie header; null when nobody does (no cookie, ended, expired, disabled). Slides the idle
 * limit when half of it is gone and hands the renewed cookie to `setCookie`.
 */
export async function readSession(
  app: Needs,
  cookieHeader: string | null,
  setCookie: (value: string) => void,
): Promise<Session | null> {
  const lucia = createLucia(app.db, app.config, app.now);
  const token = readToken(cookieHeader, lucia.sessionCookieName);
  if (token === null) return null;
  const { session, user } = await lucia.validateSession(token);
  if (session === null) {
    setCookie(lucia.createBlankSessionCookie().serialize());
    return null;
  }
  if (session.fresh) setCookie(lucia.createSessionCookie(token).serialize());
  return { user, sessionId: hashToken(token) };
}

/**
 * The same without sliding the idle limit: for an answer whose headers are gone already. Sliding it there
 * would let the stored session outlive its cookie, which then ends under the hands of somebody at work.
 */
export async function getSession(app: Needs, cookieHeader: string | null): Promise<Session | null> {
  const { sessionCookieName } = createLucia(app.db, app.config, app.now);
  const token = readToken(cookieHeader, sessionCookieName);
  const found = token === null ? null : await findSession(app.db.read, hashToken(token), app.now());
  return found === null ? null : { user: found.user, sessionId: found.session.id };
}

/** Starts a session in the transaction `tx`; answers its Set-Cookie value, the only place with the token. */
export async function startSession(
  app: Needs,
  tx: Queries,
  userId: string,
  origin: ClientInfo,
): Promise<string> {
  const lucia = createLucia(transactionStore(tx), app.config, app.now);
  const now = app.now();
  const session = await lucia.createSession(userId, {
    createdAt: now,
    endsAt: now + SESSION_ABSOLUTE_MS,
    address: origin.address ?? '',
    userAgent: origin.userAgent?.slice(0, 300) ?? '',
  });
  return lucia.createSessionCookie(session.id).serialize();
}

/**
 * Starts the session of somebody who has just proved who they are, with its audit entry, and ends the one
 * that the browser came with: whoever planted that one must not be signed in along (session fixation).
 *
 * @param presented the stored id of the session that came with the call.
 */
export async function replaceSession(
  app: Needs,
  tx: Queries,
  by: Actor,
  presented: string | null,
): Promise<string> {
  const at = app.now();
  const owner = presented === null ? null : await endSession(tx, presented);
  if (owner !== null) {
    await record(tx, {
      at,
      by,
      action: 'session.ended',
      subject: `user:${owner}`,
      details: { replaced: true },
    });
  }
  const crowdedOut = await evictOldestSessions(tx, by.id);
  if (crowdedOut > 0) {
    await record(tx, {
      at,
      by,
      action: 'user.sessions_ended',
      subject: `user:${by.id}`,
      details: { ended: crowdedOut, oldest: true },
    });
  }
  await record(tx, { at, by, action: 'session.started', subject: `user:${by.id}` });
  return await startSession(app, tx, by.id, by);
}

/** Ends a user's oldest sessions, where there are as many as there may be; answers how many ended. */
async function evictOldestSessions(tx: Queries, userId: string): Promise<number> {
  const newest = tx
    .select({ id: sessions.id })
    .from(sessions)
    .where(eq(sessions.userId, userId))
    .orderBy(desc(sessions.createdAt), desc(sessions.id))
    .limit(MAX_SESSIONS - 1);
  const ended = await tx
    .delete(sessions)
    .where(and(eq(sessions.userId, userId), notInArray(sessions.id, newest)))
    .returning({ id: sessions.id });
  return ended.length;
}

/** Ends one session by its stored id; answers whose it was, or null when it had ended already. */
export async function endSession(tx: Queries, sessionId: string): Promise<string | null> {
  const [ended] = await tx
    .delete(sessions)
    .where(eq(sessions.id, sessionId))
    .returning({ userId: sessions.userId });
  return ended?.userId ?? null;
}

/** Ends every session of a user, or every other than `except`; answers how many. */
export async function endSessionsOf(tx: Queries, userId: string, except?: string): Promise<number> {
  const ended = await tx
    .delete(sessions)
    .where(and(eq(sessions.userId, userId), except === undefined ? undefined : ne(sessions.id, except)))
    .returning({ id: sessions.id });
  return ended.length;
}

/** The sessions of a user that have not ended, newest first; `current` marks the one with this stored id. */
export async function listSessions(app: Needs, userId: string, current: string): Promise<SessionView[]> {
  const now = app.now();
  const rows = await app.db.read
    .select()
    .from(sessions)
    .where(and(eq(sessions.userId, userId), gt(sessions.expiresAt, now), gt(sessions.endsAt, now)))
    .orderBy(desc(sessions.createdAt));
  return rows.map(({ id, createdAt, expiresAt, endsAt, address, userAgent }) => ({
    current: id === current,
    createdAt,
    expiresAt: Math.min(expiresAt, endsAt),
    address,
    userAgent,
  }));
}

/** Removes the rows of sessions that time has ended; they have let nobody in since. */
export async function purgeExpiredSessions(app: Needs): Promise<void> {
  await createLucia(app.db, app.config, app.now).deleteExpiredSessions();
}

const PURGE_INTERVAL_MS = 60 * 60 * 1000;

/** Does so now and every hour from now on; answers how to stop. */
export async function startPurging(app: Needs & Pick<AppContext, 'log'>): Promise<() => void> {
  await purgeExpiredSessions(app);
  const again = () =>
    purgeExpiredSessions(app).catch((error: unknown) =>
      app.log.error({ err: error }, 'purging sessions failed'),
    );
  const timer = setInterval(again, PURGE_INTERVAL_MS).unref();
  return () => clearInterval(timer);
}

/** The Set-Cookie value that removes the session's cookie. */
export function clearSessionCookie(app: Needs): string {
  return createLucia(app.db, app.config, app.now).createBlankSessionCookie().serialize();
}

/** Lucia's own reader throws at a cookie of another application that isn't percent-encoded well. */
function readToken(cookieHeader: string | null, name: string): string | null {
  for (const pair of cookieHeader?.split(';') ?? []) {
    const [key, value] = pair.trim().split('=', 2);
    if (key === name && value !== undefined && TOKEN.test(value)) return value;
  }
  return null;
}
