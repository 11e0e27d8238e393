import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createContext } from '~/api/context.server';
import { action as revokeAction } from '~/routes/admin/ai/keys/revoke-keys';
import { action as accountAction } from '~/routes/admin/ai/service-accounts/service-account';
import { action as toolAction } from '~/routes/admin/ai/tools/tool';
import { loader as exportLoader } from '~/routes/admin/audit/export';
import { action as disableAction } from '~/routes/admin/confirm-action';
import { action as personAction } from '~/routes/admin/users/person';
import type { App } from '~/server/create-app.server';
import { auditEntries, keys, serviceAccounts, tools, users } from '~db/schema';
import { TEST_ORIGIN } from '../helpers/app';
import { auditEntriesOf } from '../helpers/audit';
import { type Company, createCompany } from '../helpers/company';

let company: Company;

beforeAll(async () => {
  company = await createCompany();
}, 60_000);

afterAll(() => company.remove());

/** The arguments of a route for a request by Ada, an admin. */
function routeArgs(app: App, path: string, params: Record<string, string>, init: RequestInit = {}) {
  return {
    request: new Request(`http://keys.test${path}`, init),
    params,
    context: {
      trpc: createContext(app, TEST_ORIGIN, company.cookies.ada, () => undefined),
      nonce: '',
      cookies: [],
    },
  };
}

const formArgs = (app: App, path: string, params: Record<string, string>, fields: Record<string, string>) =>
  routeArgs(app, path, params, { method: 'POST', body: new URLSearchParams(fields) });

describe('an action that handles several buttons', () => {
  const forms = [
    {
      page: 'a tool',
      intent: 'waive-approval',
      submit: (app: App, fields: Record<string, string>) =>
        toolAction(formArgs(app, '/admin/ai/tools/openai', { tool: 'openai' }, fields)),
      state: (app: App) => app.db.read.select().from(tools).where(eq(tools.slug, 'openai')),
      after: { requiresApproval: false },
    },
    {
      page: 'a disabled service account',
      intent: 'enable',
      submit: (app: App, fields: Record<string, string>) => {
        const accountId = company.disabledAccountId;
        return accountAction(formArgs(app, `/admin/ai/service-accounts/${accountId}`, { accountId }, fields));
      },
      state: (app: App) =>
        app.db.read.select().from(serviceAccounts).where(eq(serviceAccounts.id, company.disabledAccountId)),
      after: { disabledAt: null },
    },
    {
      page: 'a disabled user',
      intent: 'enable',
      submit: (app: App, fields: Record<string, string>) => {
        const userId = company.ids.dan;
        return personAction(formArgs(app, `/admin/users/${userId}`, { userId }, fields));
      },
      state: (app: App) => app.db.read.select().from(users).where(eq(users.id, company.ids.dan)),
      after: { disabledAt: null },
    },
  ];

  it.each(forms)(
    'changes nothing on the page of $page for an unknown intent',
    async ({ intent, submit, state, after }) => {
      const app = await company.open();
      const before = await state(app);
      for (const unknown of [
        {},
        ...['', 'wave', 'toString', '__proto__'].map((text) => ({ intent: text })),
      ]) {
        expect(await submit(app, unknown)).toMatchObject({
          data: { ok: false, reason: 'invalid-input' },
          init: { status: 400 },
        });
      }
      expect(await state(app)).toEqual(before);
      expect(before).not.toMatchObject([after]);
      await submit(app, { intent });
      expect(await state(app)).toMatchObject([after]);
    },
  );
});

describe('a typed confirmation', () => {
  const NAME = 'ci/pipeline-of-acme';
  const pathOf = (page: string) => `/admin/ai/service-accounts/${company.serviceAccountId}/${page}`;
  const statusOf = async (app: App, keyId: string) =>
    (await app.db.read.select().from(keys).where(eq(keys.id, keyId)))[0]?.status;

  it('is required to disable a service account, also without JavaScript', async () => {
    const app = await company.open();
    const params = { accountId: company.serviceAccountId };
    const disable = (confirmation: string) =>
      disableAction(formArgs(app, pathOf('disable'), params, { confirmation, reason: '' }));
    for (const wrong of ['', NAME.slice(1), NAME.toUpperCase(), `${NAME}.`]) {
      expect(await disable(wrong)).toMatchObject({ data: { ok: false }, init: { status: 400 } });
    }
    expect(await statusOf(app, company.serviceKey)).toBe('ACTIVE');
    expect(await disable(` ${NAME} `)).toMatchObject({ status: 303 });
    expect(await statusOf(app, company.serviceKey)).toBe('REVOKED');
    expect(await disable(NAME)).toMatchObject({ data: { ok: false }, init: { status: 409 } });
  });

  it("and a reason are required to revoke a service account's key, and no other key is revoked", async () => {
    const app = await company.open();
    const revoke = (keyId: string, fields: Record<string, string> = {}) => {
      const params = { accountId: company.serviceAccountId, keyId };
      const valid = { confirmation: NAME, reason: 'it leaked' };
      return revokeAction(formArgs(app, pathOf(`keys/${keyId}/revoke`), params, { ...valid, ...fields }));
    };
    const incomplete: Record<string, string>[] = [
      { confirmation: '' },
      { confirmation: 'yes' },
      { reason: '' },
      { reason: 'a' },
    ];
    for (const wrong of incomplete) {
      expect(await revoke(company.serviceKey, wrong)).toMatchObject({ init: { status: 400 } });
    }
    expect(await statusOf(app, company.serviceKey)).toBe('ACTIVE');
    expect(await revoke(company.activeKey)).toMatchObject({ init: { status: 409 } });
    expect(await statusOf(app, company.activeKey)).toBe('ACTIVE');
    expect(await revoke(company.serviceKey)).toMatchObject({ status: 303 });
    expect(await statusOf(app, company.serviceKey)).toBe('REVOKED');
    expect(await revoke(company.serviceKey)).toMatchObject({ init: { status: 409 } });
  });
});

describe('the audit export', () => {
  it('rejects requests from other sites, which would record an export in the name of the admin', async () => {
    const app = await company.open();
    const count = (await app.db.read.select().from(auditEntries)).length;
    const download = (headers: Record<string, string>) =>
      exportLoader(routeArgs(app, '/admin/audit/export', {}, { headers }));
    for (const site of ['cross-site', 'same-site']) {
      expect((await download({ 'sec-fetch-site': site })).status).toBe(403);
    }
    expect(await app.db.read.select().from(auditEntries)).toHaveLength(count);

    const allowed: Record<string, string>[] = [
      { 'sec-fetch-site': 'same-origin' },
      { 'sec-fetch-site': 'none' },
      {},
    ];
    for (const headers of allowed) {
      const response = await download(headers);
      expect(response.status).toBe(200);
      expect((await response.text()).split('\n').length).toBeGreaterThan(count);
    }
    expect(await auditEntriesOf(app, 'audit.exported')).toHaveLength(allowed.length);
  });
});
