import { createContext } from '~/api/context.server';
import { type Caller, createCaller } from '~/api/router.server';
import type { ClientInfo } from '~/audit/record.server';
import type { App } from '~/server/create-app.server';
import { TEST_ORIGIN } from './app';

export interface Visitor {
  /** Makes one call with the cookies that earlier calls set. */
  call<T>(call: (api: Caller) => Promise<T>): Promise<T>;
  /** The Cookie header of the next call. */
  cookies(): string;
  /** The complete last Set-Cookie value. */
  lastSetCookie(): string | undefined;
}

/** A client with a cookie jar that calls the API in-process: its sessions are real, its cookies are real. */
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

/** Someone who sends this Cookie header, as copied from another browser. */
export const withCookie = (app: App, header: string): Visitor =>
  visitor(app, {}, Object.fromEntries([header.split('=')]));

/** A password that every rule accepts. */
export const GOOD_PASSWORD = 'seven otters under glass';

/** The token in a one-time link. */
export const linkToken = ({ url }: { url: string }): string => new URL(url).searchParams.get('token') ?? '';

/** Creates the first admin with the setup token; signed in. */
export async function setUpAdmin(
  app: App,
  { email = 'ada@example.com', name = 'Ada', password = GOOD_PASSWORD } = {},
): Promise<Visitor & { id: string }> {
  const admin = visitor(app);
  const token = app.setupToken?.token ?? '';
  const { id } = await admin.call((api) => api.auth.setUp({ token, name, email, password }));
  return { ...admin, id };
}

/** Has `admin` invite someone, who accepts; signed in. */
export async function inviteAndJoin(
  app: App,
  admin: Visitor,
  email: string,
  role: 'member' | 'admin' = 'member',
  { name = email.replace(/@.*/, ''), password = GOOD_PASSWORD } = {},
): Promise<Visitor & { id: string }> {
  const token = linkToken(await admin.call((api) => api.users.invite({ email, role })));
  const person = visitor(app);
  const { id } = await person.call((api) => api.auth.acceptInvitation({ token, name, password }));
  return { ...person, id };
}
