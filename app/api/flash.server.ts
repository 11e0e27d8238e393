import { randomBytes, randomUUID } from 'node:crypto';
import { type AppLoadContext, createCookie, redirect } from '@remix-run/node';
import type { Flash } from '~/core/flash';

interface RouteArgs {
  request: Request;
  context: AppLoadContext;
}

/** Long enough for a redirect on a slow line; a message that arrives later would only confuse. */
const MAX_AGE_SECONDS = 60;

/**
 * Signs messages, so that another service on the same host, which may share cookies over plain http, can't make this
 * one state something untrue. A restart loses messages that are under way.
 */
const SIGNING_KEY = randomBytes(32).toString('base64');

function flashCookie({ trpc }: AppLoadContext) {
  const { secure } = trpc.app.config;
  return createCookie(secure ? '__Host-my-ai-keys-flash' : 'my-ai-keys-flash', {
    httpOnly: true,
    maxAge: MAX_AGE_SECONDS,
    path: '/',
    sameSite: 'lax',
    secrets: [SIGNING_KEY],
    secure,
  });
}

const pathOf = (url: string): string => new URL(url, 'http://localhost').pathname.replace(/\.data$/, '');

/**
 * For actions: redirects to `href`, where `message` is shown once. The message is shown on that page only, so that a
 * second window that reloads its data at the same moment doesn't take it. Never build it from the request's URL.
 */
export async function redirectWithFlash(
  { context }: Pick<RouteArgs, 'context'>,
  href: string,
  message: string,
  tone: Flash['tone'] = 'good',
): Promise<Response> {
  const flash: Flash = { id: randomUUID(), tone, message };
  context.trpc.setCookie(await flashCookie(context).serialize({ ...flash, path: pathOf(href) }));
  return redirect(href, 303);
}

/** For loaders of layouts: the message for this page, null if there is none. Reading it removes its cookie. */
export async function takeFlash({ request, context }: RouteArgs): Promise<Flash | null> {
  const cookie = flashCookie(context);
  const stored = await cookie.parse(request.headers.get('cookie'));
  if (stored?.path !== pathOf(request.url)) return null;
  context.trpc.setCookie(await cookie.serialize('', { maxAge: 0 }));
  const { id, tone, message } = stored;
  return { id, tone, message };
}
