import { and, eq, isNull, ne } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createContext } from '~/api/context.server';
import { type Caller, createCaller } from '~/api/router.server';
import type { App } from '~/server/create-app.server';
import type { Queries } from '~db/database';
import { auditEntries, invitations, keys, requests, sessions, users } from '~db/schema';
import { reasonOf, TEST_ORIGIN } from '../helpers/app';
import { type Company, createCompany } from '../helpers/company';
import { linkToken, visitor } from '../helpers/visitor';
import { calls } from './procedure-table';

let company: Company;

beforeAll(async () => {
  company = await createCompany();
}, 60_000);

afterAll(() => company.remove());

type User = keyof Company['ids'];

/** The API for one HTTP request whose session has already been read. */
async function authenticate(app: App, user: User): Promise<Caller> {
  const context = createContext(app, TEST_ORIGIN, company.cookies[user], () => undefined);
  expect((await context.session())?.user.id).toBe(company.ids[user]);
  return createCaller(context);
}

function call(api: Caller, name: string): Promise<unknown> {
  const [domain = '', verb = ''] = name.split('.');
  const procedures = api as unknown as Record<string, Record<string, (input: unknown) => Promise<unknown>>>;
  const procedure = procedures[domain]?.[verb];
  if (procedure === undefined) throw new Error(`there is no procedure ${name}`);
  return procedure(calls[name]?.input?.(company));
}

/** Mutations that write nothing. */
const READ_ONLY = ['audit.verify', 'keys.findByRawKey'];

const writes = Object.entries(calls)
  .filter(([name, { type, role }]) => type === 'mutation' && role !== 'public' && !READ_ONLY.includes(name))
  .map(([name, { actor }]) => ({ name, user: actor as User }));

describe('the session check inside each transaction', () => {
  it.each(writes)(
    'rolls $name back if the session or role changed after the call began',
    async ({ name, user }) => {
      const count = (await (await company.open()).db.read.select().from(auditEntries)).length;
      const isUser = eq(users.id, company.ids[user]);
      const isOfUser = eq(sessions.userId, company.ids[user]);
      const role = user === 'ada' ? 'member' : 'admin';
      const changes: ((tx: Queries) => PromiseLike<unknown>)[] = [
        (tx) => tx.update(users).set({ disabledAt: 1 }).where(isUser),
        (tx) => tx.update(users).set({ role }).where(isUser),
        (tx) => tx.update(sessions).set({ expiresAt: 1 }).where(isOfUser),
        (tx) => tx.delete(sessions).where(isOfUser),
      ];
      for (const change of changes) {
        const app = await company.open();
        const api = await authenticate(app, user);
        await app.db.write(async (tx) => void (await change(tx)));
        expect(await reasonOf(call(api, name))).toBe('signed-out');
        expect(await app.db.read.select().from(auditEntries)).toHaveLength(count);
      }
      await call(await authenticate(await company.open(), user), name);
    },
  );

  it.each(['disabled', 'demoted'])(
    'leaves no open invitation by an admin who is concurrently %s',
    async (how) => {
      const app = await company.open();
      const { ids } = company;
      const [ada, bea] = [await authenticate(app, 'ada'), await authenticate(app, 'bea')];
      const invite = (n: number) => bea.users.invite({ email: `back-${n}@example.com`, role: 'admin' });
      const earlier = Array.from({ length: 20 }, (_, n) => invite(n));
      const change =
        how === 'disabled'
          ? ada.users.disable({ userId: ids.bea })
          : ada.users.setRole({ userId: ids.bea, role: 'member' });
      const later = Array.from({ length: 20 }, (_, n) => invite(100 + n));
      const results = await Promise.allSettled([...earlier, ...later]);
      await change;

      expect(results.at(-1)?.status).toBe('rejected');
      const isOpen = and(eq(invitations.invitedBy, ids.bea), isNull(invitations.revokedAt));
      expect(await app.db.read.select().from(invitations).where(isOpen)).toEqual([]);
      for (const result of results) {
        if (result.status === 'rejected') continue;
        const token = linkToken(result.value);
        const getInvitation = visitor(app).call((api) => api.auth.invitation({ token }));
        expect(await reasonOf(getInvitation)).toBe('invalid-invitation');
      }
    },
  );

  it('leaves no live key with a member who is concurrently disabled', async () => {
    const app = await company.open();
    const { ids } = company;
    const [ada, otto] = [await authenticate(app, 'ada'), await authenticate(app, 'otto')];
    const request = (environment: 'development' | 'staging') =>
      otto.keys.request({ tool: 'gemini', environment, purpose: 'nightly reports' });
    const earlier = Promise.allSettled([request('development')]);
    const disabled = ada.users.disable({ userId: ids.otto });
    const later = Promise.allSettled([request('staging')]);
    const [, , [laterResult]] = await Promise.all([earlier, disabled, later]);
    expect(laterResult.status).toBe('rejected');
    const isLive = and(eq(keys.holderId, ids.otto), ne(keys.status, 'REVOKED'));
    expect(await app.db.read.select().from(keys).where(isLive)).toEqual([]);
  });

  it('discards the decisions of an admin who was demoted before they were written', async () => {
    const app = await company.open();
    const { ids, pendingKey } = company;
    const [ada, bea] = [await authenticate(app, 'ada'), await authenticate(app, 'bea')];
    const demoted = ada.users.setRole({ userId: ids.bea, role: 'member' });
    const approved = reasonOf(bea.requests.approve({ keyId: pendingKey }));
    const revoked = reasonOf(bea.keys.revoke({ keyId: company.activeKey, reason: 'out of spite' }));
    expect(await Promise.all([approved, revoked, demoted])).toMatchObject(['signed-out', 'signed-out', {}]);
    const isDecidedByBea = eq(requests.decidedBy, ids.bea);
    expect(await app.db.read.select().from(requests).where(isDecidedByBea)).toEqual([]);
  });

  it('discards the changes of a session that an admin ended before they were written', async () => {
    const app = await company.open();
    const { ids, password } = company;
    const [ada, mara] = [await authenticate(app, 'ada'), await authenticate(app, 'mara')];
    const ended = ada.users.endSessions({ userId: ids.mara });
    const reasons = [
      mara.keys.request({ tool: 'gemini', environment: 'staging', purpose: 'with a lost device' }),
      mara.keys.reveal({ keyId: company.unrevealedKey }),
      mara.auth.changePassword({ currentPassword: password, newPassword: 'nine herons above tin' }),
    ].map(reasonOf);
    expect(await Promise.all([...reasons, ended])).toMatchObject([...Array(3).fill('signed-out'), {}]);

    const again = visitor(app);
    await again.call((api) => api.auth.signIn({ email: 'mara@example.com', password }));
    const list = await again.call((api) => api.keys.mine());
    expect(list.filter(({ tool }) => tool.slug === 'gemini')).toEqual([]);
    expect(list.find(({ id }) => id === company.unrevealedKey)).toMatchObject({ revealed: false });
  });
});

describe('an invitation', () => {
  it('is invalid while its inviter is disabled or not an admin, even if it was not revoked', async () => {
    const app = await company.open();
    const token = company.invitationToken;
    const invited = visitor(app);
    const isInviter = eq(users.id, company.ids.ada);
    for (const change of [{ disabledAt: app.now() }, { disabledAt: null, role: 'member' as const }]) {
      await app.db.write(async (tx) => void (await tx.update(users).set(change).where(isInviter)));
      const input = { token, name: 'Nina', password: company.password };
      expect(await reasonOf(invited.call((api) => api.auth.invitation({ token })))).toBe(
        'invalid-invitation',
      );
      expect(await reasonOf(invited.call((api) => api.auth.acceptInvitation(input)))).toBe(
        'invalid-invitation',
      );
    }
    await app.db.write(async (tx) => void (await tx.update(users).set({ role: 'admin' }).where(isInviter)));
    await invited.call((api) => api.auth.invitation({ token }));
  });
});
