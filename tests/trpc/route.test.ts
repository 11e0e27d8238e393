import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { App } from '~/app.server';
import { action as toolAction } from '~/routes/_app.admin.ai.tools.$tool';
import { loader as exportLoader } from '~/routes/_app.admin.audit_.export';
import { action as personAction } from '~/routes/_app.admin.users.$userId';
import { createContext } from '~/trpc/context.server';
import { auditEntries, tools, users } from '~db/schema';
import { TEST_ORIGIN } from '../helpers/app';
import { entriesOf } from '../helpers/trail';
import { type Company, foundCompany } from './company';

let company: Company;

beforeAll(async () => {
  company = await foundCompany();
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
      expect(answer).toMatchObject({ data: { ok: false, reason: 'bad-input' }, init: { status: 400 } });
    }
    expect(await app.db.read.select().from(tools)).toEqual(before);
    await toolAction(pressed(app, '/admin/ai/tools/openai', { tool: 'openai' }, 'waive'));
    const [openai] = await app.db.read.select().from(tools).where(eq(tools.slug, 'openai'));
    expect(openai?.requiresApproval).toBe(false);
  });

  it('enables nobody', async () => {
    const app = await company.open();
    const { dan } = company.ids;
    const state = async () =>
      (await app.db.read.select().from(users).where(eq(users.id, dan)))[0]?.disabledAt ?? null;
    for (const intent of UNKNOWN) {
      const answer = await personAction(pressed(app, `/admin/users/${dan}`, { userId: dan }, intent));
      expect(answer).toMatchObject({ data: { ok: false, reason: 'bad-input' }, init: { status: 400 } });
    }
    expect(await state()).not.toBeNull();
    await personAction(pressed(app, `/admin/users/${dan}`, { userId: dan }, 'enable'));
    expect(await state()).toBeNull();
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
    expect(await entriesOf(app, 'audit.exported')).toHaveLength(browsers.length);
  });
});
