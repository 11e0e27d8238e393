import type { AppContext } from '~/app-context.server';
import type { ClientInfo } from '~/audit/record.server';
import { getSession, readSession, type Session } from '~/auth/sessions.server';

/** What a procedure knows about its call, over HTTP or from a route. */
export interface Context {
  app: AppContext;
  origin: ClientInfo;
  /** The caller's session, read once per call. */
  session(): Promise<Session | null>;
  /** The caller's session as it is now, for a subscription that stays open. */
  currentSession(): Promise<Session | null>;
  /** Adds a Set-Cookie header to the response. */
  setCookie(value: string): void;
}

export function createContext(
  app: AppContext,
  origin: ClientInfo,
  cookieHeader: string | null,
  setCookie: (value: string) => void,
): Context {
  let session: Promise<Session | null> | undefined;
  return {
    app,
    origin,
    setCookie,
    currentSession: () => getSession(app, cookieHeader),
    session: () => (session ??= readSession(app, cookieHeader, setCookie)),
  };
}
