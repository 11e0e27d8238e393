import { createContext } from '~/api/context.server';
import { type Caller, createCaller } from '~/api/router.server';
import type { ClientInfo } from '~/audit/record.server';
import type { App } from '~/server/create-app.server';
import { TEST_ORIGIN } from './app';

export interface Visitor {
  /** One call, with the cookies of the calls before it: the way a browser makes it. */
  call<T>(call: (api: Caller) => Promise<T>): Promise<T>;
  /** The Cookie header that the next call will bear. */
  cookies(): string;
  /** The last Set-Cookie value, whole. */
  lastSetCookie(): string | undefined;
}

/** Somebody with a browser of their own: real sessions, found by real cookies. */
export function visitor(
  app: App,
  origin: Partial<ClientInfo> = {},
  cookies: Record<string, string> = {},
): Visitor {
  const jar = new Map(Object.entries(cookies));
  let last: string | undefined;
  const header = () => [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
  return {
    call(call) {
      const context = createContext(app, { ...TEST_ORIGIN, ...origin }, header(), (value) => {
        last = value;
        const [, name = '', content = ''] = /^([^=]+)=([^;]*)/.exec(value) ?? [];
        if (/Max-Age=0/.test(value)) jar.delete(name);
        else jar.set(name, content);
      });
      return call(createCaller(context));
    },
    cookies: header,
    lastSetCookie: () => last,
  };
}

/** A password that is let in. */
export const GOOD_PASSWORD = 'seven otters under glass';

/** The first admin, set up and signed in through the front endpoint. */
export async function setUpAdmin(
  app: App,
  email = 'ada@example.com',
  name = 'Ada',
): Promise<Visitor & { id: string }> {
  const admin = visitor(app);
  const token = app.setupToken?.token ?? '';
  const { id } = await admin.call((api) => api.auth.setUp({ token, name, email, password: GOOD_PASSWORD }));
  return { ...admin, id };
}

/** Somebody who was invited by `admin`, accepted, and is signed in. */
export async function join(
  app: App,
  admin: Visitor,
  email: string,
  role: 'member' | 'admin' = 'member',
): Promise<Visitor & { id: string }> {
  const { url } = await admin.call((api) => api.users.invite({ email, role }));
  const token = new URL(url).searchParams.get('token') ?? '';
  const person = visitor(app);
  const { id } = await person.call((api) =>
    api.auth.acceptInvitation({ token, name: email.replace(/@.*/, ''), password: GOOD_PASSWORD }),
  );
  return { ...person, id };
}
