import BetterSqlite3 from 'better-sqlite3';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Actor as AuditActor, record } from '~/audit/record.server';
import { createSignInRateLimiter } from '~/auth/sign-in-rate-limiter.server';
import { databaseFile } from '~/core/config.server';
import { mintRawKey } from '~/crypto/key-format.server';
import { createGateway } from '~/gateway/gateway.server';
import type { App } from '~/server/create-app.server';
import { keys } from '~db/schema';
import { calls } from '../api/procedure-table';
import { serveGateway } from '../gateway/harness';
import { TEST_ORIGIN, testApp } from '../helpers/app';
import { type ApiResponse, callApi } from '../helpers/call-api';
import { type Company, createCompany } from '../helpers/company';
import { FAILURES, type Failure, makeFailable } from './failing-connection';
import { findTrailDifferences } from './replay';
import { amount, counted, limit, reportLog } from './report';

let company: Company;

beforeAll(async () => {
  company = await createCompany();
}, 60_000);

afterAll(() => company.remove());

/** More statements than any change has, so that a change that never succeeds ends. */
const MOST_STATEMENTS = 400;

/** Makes a change; returns whether it succeeded, and the response that the caller received. */
type Try = (app: App) => Promise<{ done: boolean; response: string }>;

/** Any error but an internal one counts as revealing internals. */
function outcomeOf({ status, reason, text }: ApiResponse): Awaited<ReturnType<Try>> {
  const clean = status === 200 || (status === 500 && reason === 'internal');
  return { done: status === 200, response: clean ? text : `sqlite? ${text}` };
}

/** A separate connection, which sees only what is committed. */
function observer(app: App) {
  const sqlite = new BetterSqlite3(databaseFile(app.config), { readonly: true });
  onTestFinished(() => void sqlite.close());
  const tables = sqlite
    .prepare<[], string>("select name from sqlite_master where type = 'table' and name not like 'sqlite_%'")
    .pluck()
    .all();
  return {
    sqlite,
    everything: () =>
      JSON.stringify(tables.map((table) => [table, sqlite.prepare(`select * from ${table}`).raw().all()])),
  };
}

/** An application whose statements fail on command, with a gateway and everything that it announces. */
async function watched(app: App) {
  const { read, write } = app.db.connections;
  const failing = makeFailable(read, write);
  // The gateway subscribes to events and reads the database then.
  const gateway = createGateway(app);
  onTestFinished(() => gateway.close());
  const announced: string[] = [];
  for (const event of ['key-changed', 'tool-changed', 'user-changed', 'service-account-changed'] as const)
    app.events.on(event, () => announced.push(event));
  return { app, write, failing, announced, ...observer(app) };
}

/**
 * Makes the same change again and again, with its first statement failing, then its second, until it succeeds. Returns
 * how many statements failed, and what was wrong after each.
 */
async function failEach(
  failure: Failure,
  attempt: Try,
  open: () => Promise<App> = company.open,
): Promise<{ failed: number; problems: string[] }> {
  const problems: string[] = [];
  let copy = await watched(await open());
  for (let number = 1; number <= MOST_STATEMENTS; number++) {
    const { app, failing, announced, sqlite, everything } = copy;
    const before = everything();
    announced.length = 0;
    app.signInRateLimiter = createSignInRateLimiter(); // failed attempts count there, as they should
    failing.failAt(number, failure);
    const { done, response } = await attempt(app);
    const { failed } = failing.heal();
    const changed = everything() !== before;
    const at = failed === null ? 'without a failure' : `statement ${number} (${failed.slice(0, 60)})`;
    const found = [
      ...findTrailDifferences(sqlite),
      ...problemsAfter(copy, { failed: failed !== null, done, changed, response }),
    ];
    problems.push(...found.map((problem) => `${at}: ${problem}`));
    if (failed === null) return { failed: number - 1, problems };
    // A failure after the commit doesn't undo the change: continue from the state before it.
    if (changed) copy = await watched(await open());
  }
  return { failed: MOST_STATEMENTS, problems: [...problems, 'never succeeded'] };
}

function problemsAfter(
  { write, announced }: Awaited<ReturnType<typeof watched>>,
  { failed, done, changed, response }: { failed: boolean; done: boolean; changed: boolean; response: string },
): string[] {
  const problems = {
    'left its transaction open': write.inTransaction,
    [`revealed internals: ${response}`]:
      !done && /sqlite|database|disk|insert |update |ai[ks]_/i.test(response),
    [`failed although no statement did: ${response}`]: !failed && !done,
    'reported success and changed nothing': failed && done && !changed,
    'reported an error and changed something': failed && !done && changed,
    [`announced ${announced.join(', ')} and changed nothing`]: failed && !changed && announced.length > 0,
  };
  return Object.entries(problems).flatMap(([problem, found]) => (found ? [problem] : []));
}

const mutations = Object.entries(calls).filter(
  ([, { type, streams, actor, errors }]) => type === 'mutation' && !streams && errors?.[actor] === undefined,
);

/** A full disk rolls the transaction back, which takes another path through the code: both run, even in short. */
const KINDS = Object.entries(FAILURES).slice(0, amount(2, 3));

describe('A failing database statement', () => {
  it.for(KINDS)(
    '(%s) makes any change fail with an error, and changes nothing',
    limit({ short: 60, full: 300 }),
    async ([, failure], { task }) => {
      const log = reportLog(task);
      const problems: string[] = [];
      let statements = 0;
      let most = { name: '', failed: 0 };
      for (const [name, call] of mutations) {
        const cookie = company.cookies[call.actor];
        const outcome = await failEach(failure, async (app) =>
          outcomeOf(await callApi(app, cookie, name, call.type, call.input?.(company))),
        );
        statements += outcome.failed;
        if (outcome.failed > most.failed) most = { name, failed: outcome.failed };
        problems.push(...outcome.problems.map((problem) => `${name}, ${problem}`));
      }
      log(
        `tried ${counted(mutations.length, 'mutation')} with each of their statements failing once: ${counted(statements, 'failure')}, the most in ${most.name} (${most.failed})`,
      );
      log(`found ${counted(problems.length, 'problem')}`);
      expect(problems).toEqual([]);
      expect(statements).toBeGreaterThan(mutations.length * 4);
    },
  );

  it('during setup creates no admin, and the setup link keeps working', async ({ task }) => {
    const failure = FAILURES['an I/O error'] as Failure;
    // The same link each time: if a failure had closed it, no attempt would succeed.
    const attempt: Try = async (app) => {
      const token = app.setupToken?.token ?? 'worn-out';
      const admin = { token, name: 'Ada', email: 'ada@example.com', password: company.password };
      return outcomeOf(await callApi(app, '', 'auth.setUp', 'mutation', admin));
    };
    const { failed, problems } = await failEach(failure, attempt, testApp);
    reportLog(task)(`tried setup with each of its statements failing once: ${counted(failed, 'failure')}`);
    expect(problems).toEqual([]);
    expect(failed).toBeGreaterThan(5);
  });

  it(
    'on a full database makes every change fail, until there is room again',
    limit({ short: 30, full: 60 }),
    async ({ task }) => {
      const app = await company.open();
      const { write } = app.db.connections;
      const { sqlite, everything } = observer(app);
      const call = (name: string, input: object) =>
        callApi(app, company.cookies.mara, name, 'mutation', input);
      const request = { tool: 'echo', environment: 'staging', purpose: 'to fill the disk' };
      const wanted = amount(5, 40);
      let refusals = 0;
      let changes = 0;
      while (refusals < wanted) {
        write.pragma(`max_page_count = ${write.pragma('page_count', { simple: true })}`);
        const before = everything();
        let answer = await call('keys.request', request);
        if (answer.status === 500) {
          refusals += 1;
          expect([answer.reason, everything() === before]).toEqual(['internal', true]);
          write.pragma('max_page_count = 1000000');
          answer = await call('keys.request', request);
        }
        expect(answer.status).toBe(200);
        const { result } = JSON.parse(answer.text) as { result: { data: { key: { id: string } } } };
        write.pragma('max_page_count = 1000000');
        expect((await call('keys.revoke', { keyId: result.data.key.id })).status).toBe(200);
        changes += 2;
      }
      expect(findTrailDifferences(sqlite)).toEqual([]);
      reportLog(task)(
        `tried until SQLite reported a full disk ${counted(refusals, 'time')}, in ${counted(changes, 'change')}; each was an error and changed nothing`,
      );
    },
  );

  it('at the gateway fails the call with 503, and the server keeps running', async ({ task }) => {
    const log = reportLog(task);
    const app = await company.open();
    const failing = makeFailable(app.db.connections.read);
    const { origin } = await serveGateway(app);
    const bearer = (rawKey: string) => ({ authorization: `Bearer ${rawKey}` });
    const requests: [path: string, headers: Record<string, string>, without: number][] = [
      ['/verify/echo', bearer(company.activeRawKey), 200],
      ['/gateway/echo/v1/models', bearer(company.activeRawKey), 200],
      ['/verify/openai', bearer(company.activeRawKey), 403],
      ['/verify/echo', bearer(company.serviceRawKey), 200],
      ['/gateway/echo/v1/models', bearer(company.serviceRawKey), 200],
      ['/verify/openai', bearer(company.serviceRawKey), 403],
      ['/verify/echo', bearer(mintRawKey('development').rawKey), 401],
      ['/verify/gemini', {}, 401],
    ];
    const answers: string[] = [];
    for (const [path, headers, without] of requests) {
      for (let number = 1; ; number++) {
        failing.failAt(number, FAILURES['an I/O error'] as Failure);
        const response = await fetch(origin + path, { headers });
        const body = await response.text();
        const { failed } = failing.heal();
        expect(body).not.toMatch(/sqlite|disk/i);
        answers.push(`${path} ${response.status}`);
        if (failed === null) {
          expect([path, response.status]).toEqual([path, without]);
          break;
        }
        expect([path, response.status]).toEqual([path, 503]);
      }
    }
    log(`tried ${answers.length} calls, each read failing once: ${answers.join(', ')}`);
  });

  const controls: [name: string, change: (app: App, by: AuditActor) => Promise<void>][] = [
    [
      'a change without its audit entry',
      (app) =>
        app.db.write(async (tx) => {
          const revoked = { status: 'REVOKED', revokedAt: app.now() } as const;
          await tx.update(keys).set(revoked).where(eq(keys.id, company.activeKey));
        }),
    ],
    [
      'an audit entry written in a separate transaction',
      async (app, by) => {
        const at = app.now();
        await app.db.write(async (tx) => {
          await tx.update(keys).set({ status: 'REVOKED', revokedAt: at, revokedBy: by.id });
        });
        await app.db.write((tx) =>
          record(tx, { at, by, action: 'key.revoked', subject: 'key:all', keyId: company.activeKey }),
        );
      },
    ],
    [
      'a change that swallows the error',
      async (app, by) => {
        const entry = { at: app.now(), by, action: 'key.revoked', subject: 'key:all' } as const;
        await app.db.write((tx) => record(tx, entry)).catch(() => undefined);
      },
    ],
  ];

  it.for(controls)('control: %s is caught', limit({ short: 30, full: 30 }), async ([, change], { task }) => {
    const by = { ...TEST_ORIGIN, id: company.ids.mara, email: '', name: '', role: 'member' } as const;
    const failure = FAILURES['an I/O error'] as Failure;
    const { problems } = await failEach(failure, (app) =>
      change(app, by).then(
        () => ({ done: true, response: '' }),
        () => ({ done: false, response: '' }),
      ),
    );
    reportLog(task)(`control caught: ${problems[0]}`);
    expect(problems.length).toBeGreaterThan(0);
  });
});
