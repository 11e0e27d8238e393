/** The response to one API call. */
export interface ApiAnswer {
  status: number;
  /** The procedure's result; undefined on errors. */
  data: unknown;
  /** The error reason; null when the call succeeded. */
  reason: string | null;
}

/** An HTTP client that keeps the session cookie. */
export interface HttpClient {
  cookie: string;
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  /** Posts form fields as the product's pages do, with `Origin`. Doesn't follow redirects. */
  post(path: string, fields: Record<string, string>, headers?: Record<string, string>): Promise<Response>;
  query(procedure: string, input?: unknown): Promise<ApiAnswer>;
  mutate(procedure: string, input?: unknown): Promise<ApiAnswer>;
}

/** A client of the server at `url`, signed out. */
export function httpClient(url: string): HttpClient {
  const client: HttpClient = {
    cookie: '',
    async get(path, headers = {}) {
      return keep(await fetch(url + path, { headers: withCookie(headers), redirect: 'manual' }));
    },
    async post(path, fields, headers = {}) {
      const body = new URLSearchParams(fields);
      const own = { Origin: url, 'Sec-Fetch-Site': 'same-origin' };
      return keep(
        await fetch(url + path, {
          method: 'POST',
          body,
          headers: withCookie({ ...own, ...headers }),
          redirect: 'manual',
        }),
      );
    },
    async query(procedure, input) {
      const search = input === undefined ? '' : `?input=${encodeURIComponent(JSON.stringify(input))}`;
      return await apiAnswer(await client.get(`/api/trpc/${procedure}${search}`));
    },
    async mutate(procedure, input) {
      const response = await fetch(`${url}/api/trpc/${procedure}`, {
        method: 'POST',
        body: JSON.stringify(input),
        headers: withCookie({ 'Content-Type': 'application/json', Origin: url }),
      });
      return await apiAnswer(keep(response));
    },
  };
  const withCookie = (headers: Record<string, string>) =>
    client.cookie === '' ? headers : { ...headers, Cookie: client.cookie };
  const keep = (response: Response) => {
    const jar = new Map(client.cookie.split('; ').map((pair) => [pair.split('=', 1)[0] ?? '', pair]));
    for (const header of response.headers.getSetCookie()) {
      const pair = header.split(';', 1)[0] ?? '';
      const name = pair.split('=', 1)[0] ?? '';
      if (/Max-Age=0/.test(header)) jar.delete(name);
      else jar.set(name, pair);
    }
    client.cookie = [...jar.values()].filter((pair) => pair !== '').join('; ');
    return response;
  };
  return client;
}

/** A client that has signed in with the sign-in form. */
export async function signIn(
  url: string,
  { email, password }: { email: string; password: string },
): Promise<HttpClient> {
  const client = httpClient(url);
  const response = await client.post('/sign-in', { email, password });
  if (response.status >= 400 || client.cookie === '')
    throw new Error(`could not sign in: ${response.status} ${await response.text()}`);
  return client;
}

async function apiAnswer(response: Response): Promise<ApiAnswer> {
  const body = (await response.json()) as {
    result?: { data?: unknown };
    error?: { data?: { reason?: string } };
  };
  return {
    status: response.status,
    data: body.result?.data,
    reason: body.error === undefined ? null : (body.error.data?.reason ?? 'none given'),
  };
}
