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
  sessionCookieName,
  transactionStore,
} from './session-store.server';

export interface SessionUser {
  id: string;
  email: string;
  name: string;
  role: UserRole;
}

export interface Session {
  user: SessionUser;
  /** The stored id of the session: a hash, not the cookie's token. */
  sessionId: string;
}

/** A user who has just signed in, and the Set-Cookie value of their new session. */
export interface SignInResult {
  user: SessionUser;
  cookie: string;
}

type SessionContext = Pick<AppContext, 'db' | 'config' | 'now'>;

/** The shape of lucia's tokens: 25 random bytes in base32. */
const TOKEN = /^[a-z2-7]{40}$/;

/** Sessions per user. Starting one more ends the oldest, so a script that keeps signing in can't grow the list. */
const MAX_SESSIONS = 100;

const USER_AGENT_LENGTH = 300;

/**
 * The session of this Cookie header, or null (no cookie, session ended or expired, user disabled). Extends the idle
 * limit once half of it has passed, and then passes the renewed cookie to `setCookie`.
 */
export async function readSession(
  app: SessionContext,
  cookieHeader: string | null,
  setCookie: (value: string) => void,
): Promise<Session | null> {
  const token = readToken(cookieHeader, sessionCookieName(app.config));
  if (token === null) return null;
  const lucia = createLucia(app.db, app.config, app.now);
  const { session, user } = await lucia.validateSession(token);
  if (session === null) {
    setCookie(lucia.createBlankSessionCookie().serialize());
    return null;
  }
  if (session.fresh) setCookie(lucia.createSessionCookie(token).serialize());
  return { user, sessionId: hashToken(token) };
}

/**
 * Like `readSession`, without extending the idle limit. For streams, whose headers have already been sent: the stored
 * session would outlive its cookie, and the cookie would expire while its user is working.
 */
export async function getSession(app: SessionContext, cookieHeader: string | null): Promise<Session | null> {
  const token = readToken(cookieHeader, sessionCookieName(app.config));
  const found = token === null ? null : await findSession(app.db.read, hashToken(token), app.now());
  return found === null ? null : { user: found.user, sessionId: found.session.id };
}

/** Starts a session in the transaction `tx`. Returns its Set-Cookie value, the only place that has the token. */
export async function startSession(
  app: SessionContext,
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
    userAgent: origin.userAgent?.slice(0, USER_AGENT_LENGTH) ?? '',
  });
  return lucia.createSessionCookie(session.id).serialize();
}

/**
 * Starts the session of a user who has just signed in, with its audit entry, and ends the browser's previous session.
 * Prevents session fixation: someone who planted that session must not stay signed in with it.
 *
 * @param previousSessionId the stored id of the session that the call came with.
 * @returns the new session's Set-Cookie value.
 */
export async function replaceSession(
  app: SessionContext,
  tx: Queries,
  by: Actor,
  previousSessionId: string | null,
): Promise<string> {
  const at = app.now();
  const previousUserId = previousSessionId === null ? null : await endSession(tx, previousSessionId);
  if (previousUserId !== null) {
    await record(tx, {
      at,
      by,
      action: 'session.ended',
      subject: `user:${previousUserId}`,
      details: { replaced: true },
    });
  }
  const ended = await evictOldestSessions(tx, by.id);
  if (ended > 0) {
    await record(tx, {
      at,
      by,
      action: 'user.sessions_ended',
      subject: `user:${by.id}`,
      details: { ended, oldest: true },
    });
  }
  await record(tx, { at, by, action: 'session.started', subject: `user:${by.id}` });
  return await startSession(app, tx, by.id, by);
}

/** Makes room for one more session by ending the user's oldest. Returns how many ended. */
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

/** Ends a session by its stored id. Returns its user's id, or null if it had already ended. */
export async function endSession(tx: Queries, sessionId: string): Promise<string | null> {
  const [ended] = await tx
    .delete(sessions)
    .where(eq(sessions.id, sessionId))
    .returning({ userId: sessions.userId });
  return ended?.userId ?? null;
}

/** Ends all sessions of a user, except the one with the stored id `except`. Returns how many ended. */
export async function endSessionsOf(tx: Queries, userId: string, except?: string): Promise<number> {
  const ended = await tx
    .delete(sessions)
    .where(and(eq(sessions.userId, userId), except === undefined ? undefined : ne(sessions.id, except)))
    .returning({ id: sessions.id });
  return ended.length;
}

/** A user's sessions, newest first. `current` marks the one with the stored id `currentId`. */
export async function listSessions(
  app: SessionContext,
  userId: string,
  currentId: string,
): Promise<SessionView[]> {
  const now = app.now();
  const rows = await app.db.read
    .select()
    .from(sessions)
    .where(and(eq(sessions.userId, userId), gt(sessions.expiresAt, now), gt(sessions.endsAt, now)))
    .orderBy(desc(sessions.createdAt));
  return rows.map(({ id, createdAt, expiresAt, endsAt, address, userAgent }) => ({
    current: id === currentId,
    createdAt,
    expiresAt: Math.min(expiresAt, endsAt),
    address,
    userAgent,
  }));
}

/** The Set-Cookie value that removes the session cookie. */
export function clearSessionCookie(app: SessionContext): string {
  return createLucia(app.db, app.config, app.now).createBlankSessionCookie().serialize();
}

/** Replaces lucia's own reader, which throws on another application's badly encoded cookie. */
function readToken(cookieHeader: string | null, name: string): string | null {
  for (const pair of cookieHeader?.split(';') ?? []) {
    const [key, value] = pair.trim().split('=', 2);
    if (key === name && value !== undefined && TOKEN.test(value)) return value;
  }
  return null;
}
