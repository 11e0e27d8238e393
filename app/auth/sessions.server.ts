import type { App } from '~/app.server';
import type { Origin } from '~/audit/audit.server';
import type { SignedIn } from '~/trpc/init.server';
import type { Queries } from '~db/client.server';
import { createLucia, hashToken, SESSION_ABSOLUTE_MS, within } from './lucia.server';

type Needs = Pick<App, 'db' | 'config' | 'now'>;

/**
 * Who bears this Cookie header; null when nobody does (no cookie, ended, expired, disabled). Slides the idle
 * limit when half of it is gone and hands the renewed cookie to `setCookie`.
 */
export async function readSession(
  app: Needs,
  cookieHeader: string | null,
  setCookie: (value: string) => void,
): Promise<SignedIn | null> {
  const lucia = createLucia(app.db, app.config);
  const token = lucia.readSessionCookie(cookieHeader ?? '');
  if (token === null || token === '') return null;
  const { session, user } = await lucia.validateSession(token);
  if (session === null) {
    setCookie(lucia.createBlankSessionCookie().serialize());
    return null;
  }
  if (session.fresh) setCookie(lucia.createSessionCookie(token).serialize());
  return { user, sessionId: hashToken(token) };
}

/** Starts a session in the transaction `tx`; answers its Set-Cookie value, the only place with the token. */
export async function startSession(app: Needs, tx: Queries, userId: string, origin: Origin): Promise<string> {
  const lucia = createLucia(within(tx), app.config);
  const now = app.now();
  const session = await lucia.createSession(userId, {
    createdAt: now,
    endsAt: now + SESSION_ABSOLUTE_MS,
    address: origin.address ?? '',
    userAgent: origin.userAgent?.slice(0, 300) ?? '',
  });
  return lucia.createSessionCookie(session.id).serialize();
}

/** The Set-Cookie value that removes the session's cookie. */
export function clearedCookie(app: Needs): string {
  return createLucia(app.db, app.config).createBlankSessionCookie().serialize();
}
