import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { createContext } from '~/api/context.server';
import { appRouter, type createCaller } from '~/api/router.server';
import { readConfig } from '~/core/config.server';
import { createLogger } from '~/core/logger.server';
import type { App } from '~/server/create-app.server';
import { closeApp, createApp } from '~/server/create-app.server';
import { TEST_ORIGIN, temporaryFolder, testApp } from '../helpers/app';
import { GOOD_PASSWORD, visitor } from '../helpers/visitor';

/** Who calls: nobody, a member, another one, an admin, another one, and a member who has been disabled. */
export const actors = ['nobody', 'mara', 'otto', 'ada', 'bea', 'dan'] as const;
export type Actor = (typeof actors)[number];

/** A database with something for every procedure to do, and what is needed to call them. */
export interface Company {
  dataDir: string;
  /** Cookie headers; of `dan` the one that he had before he was disabled. */
  cookies: Record<Actor, string>;
  ids: Record<Exclude<Actor, 'nobody'>, string>;
  password: string;
  /** Mara's keys. */
  pendingKey: string;
  unrevealedKey: string;
  activeKey: string;
  activeRawKey: string;
  /** The tokens of two open invitations, and the id of the second. */
  invitationToken: string;
  invitationId: string;
  /** A service account with an active key, and one that is disabled. */
  serviceAccountId: string;
  disabledAccountId: string;
  serviceKey: string;
  serviceRawKey: string;
  /** The token of an open link to reset Otto's password. */
  resetToken: string;
  /** Opens a copy of it, closed and removed when the test is over. */
  open(): Promise<App>;
  remove(): void;
}

type Api = ReturnType<typeof createCaller>;

/** Founds a company through the product's own endpoints. Takes about a second; copies of it take none. */
export async function foundCompany(): Promise<Company> {
  const dataDir = mkdtempSync(join(tmpdir(), 'my-ai-keys-company-'));
  const config = readConfig({ DATA_DIR: dataDir, LOG_LEVEL: 'silent' });
  const app = await createApp(config, createLogger(config));
  const ada = visitor(app);
  const token = app.setupToken?.token ?? '';
  const password = GOOD_PASSWORD;
  const first = await ada.call((api) =>
    api.auth.setUp({ token, name: 'Ada', email: 'ada@example.com', password }),
  );

  async function employ(name: string, role: 'member' | 'admin') {
    const person = visitor(app);
    const invitation = await invite(`${name}@example.com`, role);
    const { id } = await person.call((api) =>
      api.auth.acceptInvitation({ token: invitation, name, password }),
    );
    return { id, cookies: person.cookies(), call: person.call };
  }
  const invite = async (email: string, role: 'member' | 'admin') => {
    const { url } = await ada.call((api) => api.users.invite({ email, role }));
    return new URL(url).searchParams.get('token') ?? '';
  };
  const bea = await employ('bea', 'admin');
  const mara = await employ('mara', 'member');
  const otto = await employ('otto', 'member');
  const dan = await employ('dan', 'member');

  const ask = (tool: string, environment: 'development' | 'production') => (api: Api) =>
    api.keys.request({ tool, environment, purpose: 'nightly reports' });
  const pending = await mara.call(ask('openai', 'production'));
  const unrevealed = await mara.call(ask('anthropic', 'production'));
  const active = await mara.call(ask('echo', 'development'));
  if (active.outcome !== 'issued') throw new Error('the key was not issued');
  await ada.call((api) => api.requests.approve({ keyId: unrevealed.key.id }));

  await ada.call((api) => api.tools.create({ ...ACME, slug: 'acme', displayName: 'Acme' }));
  await ada.call((api) => api.tools.setCredential({ tool: 'acme', credential: 'sk-acme-provider-secret' }));
  await ada.call((api) => api.tools.create({ ...ACME, slug: 'retired', displayName: 'Retired' }));
  await ada.call((api) => api.tools.archive({ tool: 'retired' }));

  const account = await ada.call((api) => api.serviceAccounts.create(PIPELINE));
  const serviceAccountId = account.id;
  const service = await ada.call((api) =>
    api.serviceAccounts.issueKey({
      serviceAccountId,
      tool: 'echo',
      environment: 'production',
      purpose: 'nightly reports',
    }),
  );
  const old = await ada.call((api) => api.serviceAccounts.create({ ...PIPELINE, name: 'retired-bot' }));
  await ada.call((api) => api.serviceAccounts.disable({ serviceAccountId: old.id }));

  const invitationToken = await invite('nina@example.com', 'member');
  await invite('nora@example.com', 'member');
  const [latest] = await ada.call((api) => api.users.invitations());
  await ada.call((api) => api.users.disable({ userId: dan.id }));
  const reset = await ada.call((api) => api.users.makeResetLink({ userId: otto.id }));
  await closeApp(app);

  return {
    dataDir,
    cookies: {
      nobody: '',
      ada: ada.cookies(),
      bea: bea.cookies,
      mara: mara.cookies,
      otto: otto.cookies,
      dan: dan.cookies,
    },
    ids: { ada: first.id, bea: bea.id, mara: mara.id, otto: otto.id, dan: dan.id },
    password,
    pendingKey: pending.key.id,
    unrevealedKey: unrevealed.key.id,
    activeKey: active.key.id,
    activeRawKey: active.rawKey,
    invitationToken,
    invitationId: latest?.id ?? '',
    serviceAccountId,
    disabledAccountId: old.id,
    serviceKey: service.key.id,
    serviceRawKey: service.rawKey,
    resetToken: new URL(reset.url).searchParams.get('token') ?? '',
    async open() {
      const copy = temporaryFolder();
      cpSync(dataDir, copy, { recursive: true });
      return await testApp({ DATA_DIR: copy });
    },
    remove: () => rmSync(dataDir, { recursive: true, force: true }),
  };
}

/** A tool whose upstream refuses connections. */
const ACME = {
  dialect: 'openai' as const,
  upstreamUrl: 'http://127.0.0.1:9',
  requiresApproval: true,
};

const PIPELINE = { name: 'ci/pipeline-of-acme', purpose: 'releases, in the pipeline' };

/** An answer of the API as HTTP clients get it. */
export interface Answer {
  status: number;
  /** The machine-readable reason of a refusal; null when it was none. */
  reason: string | null;
  text: string;
}

/** Calls a procedure through the API's own HTTP adapter, with a real session's cookie. */
export async function callApi(
  app: App,
  cookie: string,
  procedure: string,
  type: 'query' | 'mutation' | 'subscription',
  input: unknown,
): Promise<Answer> {
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
    // The adapter has said 200 before it asks; its refusal comes as an event.
    const status = Number(/"httpStatus":(\d+)/.exec(text)?.[1] ?? response.status);
    return { status, reason: /"reason":"([^"]+)"/.exec(text)?.[1] ?? null, text };
  }
  const text = await response.text();
  const { error } = JSON.parse(text) as { error?: { data?: { reason?: string } } };
  return { status: response.status, reason: error === undefined ? null : (error.data?.reason ?? '?'), text };
}

/** What a subscription says first, after the adapter's own greeting: a value or a refusal. Then it is ended. */
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
