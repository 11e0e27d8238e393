import { and, eq, isNull, ne } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createContext } from '~/api/context.server';
import { type Caller, createCaller } from '~/api/router.server';
import type { App } from '~/server/create-app.server';
import type { Queries } from '~db/database';
import { auditEntries, invitations, keys, requests, sessions, users } from '~db/schema';
import { reasonOf, TEST_ORIGIN } from '../helpers/app';
import { type Company, createCompany } from '../helpers/company';
import { visitor } from '../helpers/visitor';
import { calls, rightActor } from './procedure-table';

let company: Company;

beforeAll(async () => {
  company = await createCompany();
}, 60_000);

afterAll(() => company.remove());

type Somebody = keyof Company['ids'];

/** The API as one HTTP request sees it, whose session has been read already. */
async function letIn(app: App, who: Somebody): Promise<Caller> {
  const context = createContext(app, TEST_ORIGIN, company.cookies[who], () => undefined);
  expect((await context.session())?.user.id).toBe(company.ids[who]);
  return createCaller(context);
}

function call(api: Caller, name: string): Promise<unknown> {
  const [noun = '', verb = ''] = name.split('.');
  const procedures = api as unknown as Record<string, Record<string, (input: unknown) => Promise<unknown>>>;
  const procedure = procedures[noun]?.[verb];
  if (procedure === undefined) throw new Error(`there is no ${name}`);
  return procedure(calls[name]?.input?.(company));
}

/** They look and change nothing; the rest of what is called a mutation writes. */
const ONLY_LOOK = ['audit.verify', 'keys.findByRawKey'];

const writing = Object.entries(calls).filter(
  ([name, { type, may }]) => type === 'mutation' && may !== 'everybody' && !ONLY_LOOK.includes(name),
);

describe('Authority', () => {
  it.each(writing.map(([name, row]) => ({ name, who: rightActor(row) as Somebody })))(
    'is looked at inside the transaction of $name, not only before it',
    async ({ name, who }) => {
      const entries = (await (await company.open()).db.read.select().from(auditEntries)).length;
      const role = who === 'ada' ? 'member' : 'admin';
      const isHer = eq(users.id, company.ids[who]);
      const isHers = eq(sessions.userId, company.ids[who]);
      const becoming: ((tx: Queries) => PromiseLike<unknown>)[] = [
        (tx) => tx.update(users).set({ disabledAt: 1 }).where(isHer),
        (tx) => tx.update(users).set({ role }).where(isHer),
        (tx) => tx.update(sessions).set({ expiresAt: 1 }).where(isHers),
        (tx) => tx.delete(sessions).where(isHers),
      ];
      for (const change of becoming) {
        const app = await company.open();
        const api = await letIn(app, who);
        await app.db.write(async (tx) => void (await change(tx)));
        expect(await reasonOf(call(api, name))).toBe('signed-out');
        expect(await app.db.read.select().from(auditEntries)).toHaveLength(entries);
      }
      await call(await letIn(await company.open(), who), name);
    },
  );

  it.each(['disabled', 'demoted'])('leaves no link of an admin who is %s at the same time', async (how) => {
    const app = await company.open();
    const { ids } = company;
    const [ada, bea] = [await letIn(app, 'ada'), await letIn(app, 'bea')];
    const invite = (n: number) => bea.users.invite({ email: `back-${n}@example.com`, role: 'admin' });
    const first = Array.from({ length: 20 }, (_, n) => invite(n));
    const end =
      how === 'disabled'
        ? ada.users.disable({ userId: ids.bea })
        : ada.users.setRole({ userId: ids.bea, role: 'member' });
    const later = Array.from({ length: 20 }, (_, n) => invite(100 + n));
    const made = await Promise.allSettled([...first, ...later]);
    await end;

    expect(made.at(-1)?.status).toBe('rejected');
    const open = and(eq(invitations.invitedBy, ids.bea), isNull(invitations.revokedAt));
    expect(await app.db.read.select().from(invitations).where(open)).toEqual([]);
    for (const answer of made) {
      if (answer.status === 'rejected') continue;
      const token = new URL(answer.value.url).searchParams.get('token') ?? '';
      const nobody = visitor(app);
      expect(await reasonOf(nobody.call((api) => api.auth.invitation({ token })))).toBe('invalid-invitation');
    }
  });

  it('leaves no live key with a member who is disabled at the same time', async () => {
    const app = await company.open();
    const { ids } = company;
    const [ada, otto] = [await letIn(app, 'ada'), await letIn(app, 'otto')];
    const ask = (environment: 'development' | 'staging') =>
      otto.keys.request({ tool: 'gemini', environment, purpose: 'nightly reports' });
    const asked = Promise.allSettled([ask('development')]);
    const disabled = ada.users.disable({ userId: ids.otto });
    const askedLater = Promise.allSettled([ask('staging')]);
    const [, , [later]] = await Promise.all([asked, disabled, askedLater]);
    expect(later.status).toBe('rejected');
    const live = and(eq(keys.holderId, ids.otto), ne(keys.status, 'REVOKED'));
    expect(await app.db.read.select().from(keys).where(live)).toEqual([]);
  });

  it('lets nobody decide who was demoted before their decision had its turn', async () => {
    const app = await company.open();
    const { ids, pendingKey } = company;
    const [ada, bea] = [await letIn(app, 'ada'), await letIn(app, 'bea')];
    const demoted = ada.users.setRole({ userId: ids.bea, role: 'member' });
    const approved = reasonOf(bea.requests.approve({ keyId: pendingKey }));
    const revoked = reasonOf(bea.keys.revoke({ keyId: company.activeKey, reason: 'out of spite' }));
    expect(await Promise.all([approved, revoked, demoted])).toMatchObject(['signed-out', 'signed-out', {}]);
    const byBea = eq(requests.decidedBy, ids.bea);
    expect(await app.db.read.select().from(requests).where(byBea)).toEqual([]);
  });

  it('carries out nothing of a session that was ended before its change had its turn, though its user may go on', async () => {
    const app = await company.open();
    const { ids, password } = company;
    const [ada, mara] = [await letIn(app, 'ada'), await letIn(app, 'mara')];
    const ended = ada.users.endSessions({ userId: ids.mara });
    const reasons = [
      mara.keys.request({ tool: 'gemini', environment: 'staging', purpose: 'with a lost device' }),
      mara.keys.reveal({ keyId: company.unrevealedKey }),
      mara.auth.changePassword({ currentPassword: password, newPassword: 'nine herons above tin' }),
    ].map(reasonOf);
    expect(await Promise.all([...reasons, ended])).toMatchObject([...Array(3).fill('signed-out'), {}]);

    const again = visitor(app);
    await again.call((api) => api.auth.signIn({ email: 'mara@example.com', password }));
    const held = await again.call((api) => api.keys.mine());
    expect(held).toHaveLength(7);
    expect(held.find(({ id }) => id === company.unrevealedKey)).toMatchObject({ revealed: false });
  });

  it('takes a link for worthless whose inviter is no enabled admin, however it came to be', async () => {
    const app = await company.open();
    const token = company.invitationToken;
    const bearer = visitor(app);
    const by = eq(users.id, company.ids.ada);
    for (const change of [{ disabledAt: app.now() }, { disabledAt: null, role: 'member' as const }]) {
      await app.db.write(async (tx) => void (await tx.update(users).set(change).where(by)));
      expect(await reasonOf(bearer.call((api) => api.auth.invitation({ token })))).toBe('invalid-invitation');
      const join = { token, name: 'Nina', password: company.password };
      expect(await reasonOf(bearer.call((api) => api.auth.acceptInvitation(join)))).toBe(
        'invalid-invitation',
      );
    }
    await app.db.write(async (tx) => void (await tx.update(users).set({ role: 'admin' }).where(by)));
    await bearer.call((api) => api.auth.invitation({ token }));
  });
});
