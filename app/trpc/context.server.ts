import type { App } from '~/app.server';
import type { Origin } from '~/audit/audit.server';
import { readSession } from '~/auth/sessions.server';
import type { Context, SignedIn } from './init.server';

/** The context of one call, over HTTP or from a route: the session is read when first asked for. */
export function createContext(
  app: App,
  origin: Origin,
  cookieHeader: string | null,
  setCookie: (value: string) => void,
): Context {
  const sessionNow = () => readSession(app, cookieHeader, setCookie);
  let session: Promise<SignedIn | null> | undefined;
  return {
    app,
    origin,
    setCookie,
    sessionNow,
    session: () => (session ??= sessionNow()),
  };
}
