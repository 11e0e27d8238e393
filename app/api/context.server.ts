import type { AppContext } from '~/app-context.server';
import type { ClientInfo } from '~/audit/record.server';
import type { Session } from '~/auth/sessions.server';
import { getSession, readSession } from '~/auth/sessions.server';
import type { Context } from './procedures.server';

/** The context of one call, over HTTP or from a route: the session is read when first asked for. */
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
