import { type ApiAnswer, type HttpClient, httpClient } from './http';
import { ADMIN } from './server';
import { GOOD_PASSWORD, linkToken } from './visitor';

/** Someone who is signed in to a running server; the session survives a restart of the server. */
export interface HttpPerson {
  name: string;
  id: string;
  api: HttpClient;
}

export interface HttpTeam {
  admins: [first: HttpPerson, second: HttpPerson];
  members: HttpPerson[];
}

/** Signs in as the first admin (`ADMIN`), who invites a second admin and `members` members. */
export async function createHttpTeam(url: string, members: number): Promise<HttpTeam> {
  const api = httpClient(url);
  await data(api.mutate('auth.signIn', ADMIN));
  const { user } = await data<{ user: { id: string } }>(api.query('auth.session'));
  const ada = { name: 'ada', id: user.id, api };
  const bea = await inviteAndJoin(url, ada, 'bea', 'admin');
  const joined: HttpPerson[] = [];
  for (let index = 0; index < members; index++)
    joined.push(await inviteAndJoin(url, ada, `member${index}`, 'member'));
  return { admins: [ada, bea], members: joined };
}

async function inviteAndJoin(url: string, admin: HttpPerson, name: string, role: 'member' | 'admin') {
  const invitation = { email: `${name}@example.com`, role };
  const token = linkToken(await data<{ url: string }>(admin.api.mutate('users.invite', invitation)));
  const api = httpClient(url);
  const join = { token, name, password: GOOD_PASSWORD };
  const { id } = await data<{ id: string }>(api.mutate('auth.acceptInvitation', join));
  return { name, id, api };
}

/** The same people with the same sessions, at the new address of a restarted server. */
export function reconnect(url: string, { admins: [first, second], members }: HttpTeam): HttpTeam {
  const move = (person: HttpPerson): HttpPerson => ({
    ...person,
    api: Object.assign(httpClient(url), { cookie: person.api.cookie }),
  });
  return { admins: [move(first), move(second)], members: members.map(move) };
}

/** Creates a tool without a credential that routes calls to this upstream. */
export async function createTool(
  admin: HttpPerson,
  slug: string,
  upstreamUrl: string,
  headersTimeoutMs: number,
): Promise<void> {
  const tool = { slug, displayName: slug, dialect: 'openai', upstreamUrl };
  const settings = { needsCredential: false, requiresApproval: false, headersTimeoutMs };
  await data(admin.api.mutate('tools.create', { ...tool, ...settings }));
}

/** Requests a development key, which is issued immediately. */
export async function requestKey(
  member: HttpPerson,
  tool: string,
): Promise<{ rawKey: string; keyId: string }> {
  const request = { tool, environment: 'development', purpose: 'faults' };
  const { rawKey, key } = await data<{ rawKey: string; key: { id: string } }>(
    member.api.mutate('keys.request', request),
  );
  return { rawKey, keyId: key.id };
}

/** The value that a successful call returned; throws for any other. */
async function data<T>(call: Promise<ApiAnswer>): Promise<T> {
  const { status, reason, data } = await call;
  if (status !== 200) throw new Error(`the server answered ${status} ${reason}`);
  return data as T;
}
