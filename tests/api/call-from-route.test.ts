import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createContext } from '~/api/context.server';
import { action as disableAction } from '~/routes/admin/ai/service-accounts/disable-service-account';
import { action as revokeAction } from '~/routes/admin/ai/service-accounts/revoke-service-account-key';
import { action as accountAction } from '~/routes/admin/ai/service-accounts/service-account';
import { action as toolAction } from '~/routes/admin/ai/tools/tool';
import { loader as exportLoader } from '~/routes/admin/audit/export';
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

/** What a route is given for a request of Ada's. */
function asAda(app: App, path: string, params: Record<string, string>, init: RequestInit = {}) {
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

const pressed = (app: App, path: string, params: Record<string, string>, intent?: string) =>
  asAda(app, path, params, {
    method: 'POST',
    body: new URLSearchParams(intent === undefined ? {} : { intent }),
  });

const UNKNOWN = [undefined, '', 'wave', 'toString', '__proto__'];

describe('a button that a form does not have', () => {
  it('waives no approval and changes nothing about a tool', async () => {
    const app = await company.open();
    const before = await app.db.read.select().from(tools);
    for (const intent of UNKNOWN) {
      const answer = await toolAction(pressed(app, '/admin/ai/tools/openai', { tool: 'openai' }, intent));
      expect(answer).toMatchObject({ data: { ok: false, reason: 'invalid-input' }, init: { status: 400 } });
    }
    expect(await app.db.read.select().from(tools)).toEqual(before);
    await toolAction(pressed(app, '/admin/ai/tools/openai', { tool: 'openai' }, 'waive'));
    const [openai] = await app.db.read.select().from(tools).where(eq(tools.slug, 'openai'));
    expect(openai?.requiresApproval).toBe(false);
  });

  it('enables no service account', async () => {
    const app = await company.open();
    const { disabledAccountId: id } = company;
    const press = (intent?: string) =>
      accountAction(pressed(app, `/admin/ai/service-accounts/${id}`, { accountId: id }, intent));
    const state = async () =>
      (await app.db.read.select().from(serviceAccounts).where(eq(serviceAccounts.id, id)))[0]?.disabledAt;
    for (const intent of UNKNOWN) {
      expect(await press(intent)).toMatchObject({ data: { ok: false, reason: 'invalid-input' } });
    }
    expect(await state()).not.toBeNull();
    await press('enable');
    expect(await state()).toBeNull();
  });

  it('enables nobody', async () => {
    const app = await company.open();
    const { dan } = company.ids;
    const state = async () =>
      (await app.db.read.select().from(users).where(eq(users.id, dan)))[0]?.disabledAt ?? null;
    for (const intent of UNKNOWN) {
      const answer = await personAction(pressed(app, `/admin/users/${dan}`, { userId: dan }, intent));
      expect(answer).toMatchObject({ data: { ok: false, reason: 'invalid-input' }, init: { status: 400 } });
    }
    expect(await state()).not.toBeNull();
    await personAction(pressed(app, `/admin/users/${dan}`, { userId: dan }, 'enable'));
    expect(await state()).toBeNull();
  });
});

describe('a page that ends something of a service account', () => {
  const at = (page: string) => `/admin/ai/service-accounts/${company.serviceAccountId}/${page}`;
  const statusOf = async (app: App, keyId: string) =>
    (await app.db.read.select().from(keys).where(eq(keys.id, keyId)))[0]?.status;
  const submitted = (
    app: App,
    path: string,
    params: Record<string, string>,
    fields: Record<string, string>,
  ) => asAda(app, path, params, { method: 'POST', body: new URLSearchParams(fields) });

  it('disables it only when its name was typed, exactly, whatever the browser runs', async () => {
    const app = await company.open();
    const [account] = await app.db.read
      .select()
      .from(serviceAccounts)
      .where(eq(serviceAccounts.id, company.serviceAccountId));
    const name = account?.name ?? '';
    const disable = (confirmation: string) =>
      disableAction(
        submitted(app, at('disable'), { accountId: company.serviceAccountId }, { confirmation, reason: '' }),
      );
    for (const typed of ['', name.slice(1), name.toUpperCase(), `${name}.`]) {
      expect(await disable(typed)).toMatchObject({ data: { ok: false }, init: { status: 400 } });
    }
    expect(await statusOf(app, company.serviceKey)).toBe('ACTIVE');
    expect(await disable(` ${name} `)).toMatchObject({ status: 303 });
    expect(await statusOf(app, company.serviceKey)).toBe('REVOKED');
    expect(await disable(name)).toMatchObject({ data: { ok: false }, init: { status: 409 } });
  });

  it('revokes a key only when the name was typed and a reason given, and no key of anybody else', async () => {
    const app = await company.open();
    const [account] = await app.db.read
      .select()
      .from(serviceAccounts)
      .where(eq(serviceAccounts.id, company.serviceAccountId));
    const confirmation = account?.name ?? '';
    const revoke = (keyId: string, fields: Record<string, string>) =>
      revokeAction(
        submitted(
          app,
          at(`keys/${keyId}/revoke`),
          { accountId: company.serviceAccountId, keyId },
          { confirmation, reason: 'it leaked', ...fields },
        ),
      );
    const wanting: Record<string, string>[] = [
      { confirmation: '' },
      { confirmation: 'yes' },
      { reason: '' },
      { reason: 'a' },
    ];
    for (const fields of wanting) {
      expect(await revoke(company.serviceKey, fields)).toMatchObject({ init: { status: 400 } });
    }
    expect(await statusOf(app, company.serviceKey)).toBe('ACTIVE');
    expect(await revoke(company.activeKey, {})).toMatchObject({ init: { status: 409 } });
    expect(await statusOf(app, company.activeKey)).toBe('ACTIVE');
    expect(await revoke(company.serviceKey, {})).toMatchObject({ status: 303 });
    expect(await statusOf(app, company.serviceKey)).toBe('REVOKED');
    expect(await revoke(company.serviceKey, {})).toMatchObject({ init: { status: 409 } });
  });
});

describe('the export of the trail', () => {
  it('is refused to a link on another site, and leaves no entry in the name of who followed it', async () => {
    const app = await company.open();
    const entries = (await app.db.read.select().from(auditEntries)).length;
    const get = (headers: Record<string, string>) =>
      exportLoader(asAda(app, '/admin/audit/export', {}, { headers }));
    for (const site of ['cross-site', 'same-site']) {
      expect((await get({ 'sec-fetch-site': site })).status).toBe(403);
    }
    expect(await app.db.read.select().from(auditEntries)).toHaveLength(entries);

    const browsers: Record<string, string>[] = [
      { 'sec-fetch-site': 'same-origin' },
      { 'sec-fetch-site': 'none' },
      {},
    ];
    for (const headers of browsers) {
      const answer = await get(headers);
      expect(answer.status).toBe(200);
      expect((await answer.text()).split('\n').length).toBeGreaterThan(entries);
    }
    expect(await auditEntriesOf(app, 'audit.exported')).toHaveLength(browsers.length);
  });
});
