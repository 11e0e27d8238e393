import type { App } from '~/app-context.server';
import type { Origin } from '~/audit/record.server';
import { peekSession, readSession } from '~/auth/sessions.server';
import type { Context, SignedIn } from './procedures.server';

/** The context of one call, over HTTP or from a route: the session is read when first asked for. */
export function createContext(
  app: App,
  origin: Origin,
  cookieHeader: string | null,
  setCookie: (value: string) => void,
): Context {
  let session: Promise<SignedIn | null> | undefined;
  return {
    app,
    origin,
    setCookie,
    sessionNow: () => peekSession(app, cookieHeader),
    session: () => (session ??= readSession(app, cookieHeader, setCookie)),
  };
}
