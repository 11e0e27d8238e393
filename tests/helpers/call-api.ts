import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { createContext } from '~/api/context.server';
import { appRouter } from '~/api/router.server';
import type { App } from '~/server/create-app.server';
import { TEST_ORIGIN } from './app';

/** A response of the API. */
export interface ApiResponse {
  status: number;
  /** The error reason; null when the call succeeded. */
  reason: string | null;
  text: string;
}

/** Calls a procedure through the API's HTTP adapter, without a network, with a session cookie. */
export async function callApi(
  app: App,
  cookie: string,
  procedure: string,
  type: 'query' | 'mutation' | 'subscription',
  input: unknown,
): Promise<ApiResponse> {
  const body = input === undefined ? undefined : JSON.stringify(input);
  const isQuery = type !== 'mutation';
  const search = isQuery && body !== undefined ? `?input=${encodeURIComponent(body)}` : '';
  const ending = new AbortController();
  const request = new Request(`http://keys.test/api/trpc/${procedure}${search}`, {
    method: isQuery ? 'GET' : 'POST',
    headers: {
      cookie,
      ...(isQuery ? {} : { 'content-type': 'application/json' }),
      ...(type === 'subscription' ? { accept: 'text/event-stream' } : {}),
    },
    body: isQuery ? undefined : body,
    signal: ending.signal,
  });
  const response = await fetchRequestHandler({
    endpoint: '/api/trpc',
    req: request,
    router: appRouter,
    createContext: () => createContext(app, TEST_ORIGIN, cookie, () => undefined),
  });
  if (type === 'subscription') {
    const text = await firstEvent(response, ending);
    // The adapter sends status 200 before it calls the procedure: an error arrives as an event.
    const status = Number(/"httpStatus":(\d+)/.exec(text)?.[1] ?? response.status);
    return { status, reason: /"reason":"([^"]+)"/.exec(text)?.[1] ?? null, text };
  }
  const text = await response.text();
  const { error } = JSON.parse(text) as { error?: { data?: { reason?: string } } };
  return { status: response.status, reason: error === undefined ? null : (error.data?.reason ?? '?'), text };
}

/** The first event after the adapter's own `connected`, a value or an error. Then ends the subscription. */
async function firstEvent(response: Response, ending: AbortController): Promise<string> {
  let text = '';
  try {
    for await (const chunk of response.body ?? []) {
      text += Buffer.from(chunk).toString();
      if ((text.match(/^data: .*\n/gm)?.length ?? 0) >= 2) break;
    }
  } finally {
    ending.abort();
  }
  return text;
}
