import { type HttpClient, httpClient } from './http';
import { ADMIN } from './server';

const PASSWORD = 'seven otters under glass';

/** Somebody with a session at the server; it outlives the server's restarts. */
export interface Person {
  name: string;
  /** Null until `staff` or `find` has asked. */
  id: string;
  api: HttpClient;
}

export interface Staff {
  admins: [first: Person, second: Person];
  members: Person[];
}

/** The first admin (`ADMIN`), another one, and so many members, all of them signed in. */
export async function hire(url: string, members: number): Promise<Staff> {
  const ada: Person = { name: 'ada', id: '', api: await signInThroughApi(url) };
  ada.id = await idOf(ada.api);
  const bea = await join(url, ada, 'bea', 'admin');
  const joined: Person[] = [];
  for (let index = 0; index < members; index++) joined.push(await join(url, ada, `member${index}`, 'member'));
  return { admins: [ada, bea], members: joined };
}

async function join(url: string, admin: Person, name: string, role: 'member' | 'admin'): Promise<Person> {
  const email = `${name}@example.com`;
  const invited = await admin.api.mutate('users.invite', { email, role });
  const link = new URL((invited.data as { url: string }).url);
  const api = httpClient(url);
  const joined = await api.mutate('auth.acceptInvitation', {
    token: link.searchParams.get('token'),
    name,
    password: PASSWORD,
  });
  return { name, id: (joined.data as { id: string }).id, api };
}

async function signInThroughApi(url: string): Promise<HttpClient> {
  const api = httpClient(url);
  const answer = await api.mutate('auth.signIn', ADMIN);
  if (answer.status !== 200) throw new Error(`could not sign in: ${answer.status} ${answer.reason}`);
  return api;
}

async function idOf(api: HttpClient): Promise<string> {
  const { data } = await api.query('auth.session');
  return (data as { user: { id: string } }).user.id;
}

/** The same people, with the sessions that they have, at the address of a server that was started anew. */
export function atNewAddress(url: string, { admins, members }: Staff): Staff {
  const move = (person: Person): Person => {
    const api = httpClient(url);
    api.cookie = person.api.cookie;
    return { ...person, api };
  };
  const [first, second] = admins;
  return { admins: [move(first), move(second)], members: members.map(move) };
}
