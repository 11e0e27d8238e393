import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { appRouter } from '~/api/router.server';
import type { ErrorReason } from '~/core/error-catalogue';
import type { App } from '~/server/create-app.server';
import { auditEntriesOf } from '../helpers/audit';
import { callApi } from '../helpers/call-api';
import { type Actor, actors, type Company, createCompany } from '../helpers/company';
import { type Call, calls } from './procedure-table';

let company: Company;

beforeAll(async () => {
  company = await createCompany();
}, 30_000);

afterAll(() => company.remove());

const rows = Object.entries(calls).map(([name, call]) => ({ name, call, actor: call.actor }));

/** The error reason of this call by this actor; null if it succeeds. */
function expectedError({ role, errors }: Call, actor: Actor): ErrorReason | null {
  const isSignedIn = actor !== 'nobody' && actor !== 'dan';
  if (role !== 'public' && !isSignedIn) return 'signed-out';
  if (role === 'admin' && actor !== 'ada' && actor !== 'bea') return 'not-admin';
  return errors?.[actor] ?? null;
}

const callAs = (app: App, actor: Actor, name: string, { type, input }: Call) =>
  callApi(app, company.cookies[actor], name, type, input?.(company));

describe('the table of procedures and roles', () => {
  it('has a row of the right type for every procedure, and no others', () => {
    const procedures: Record<string, unknown> = appRouter._def.procedures;
    const types = Object.entries(procedures).map(([name, procedure]) => [
      name,
      (procedure as { _def: { type: string } })._def.type,
    ]);
    expect(rows.map(({ name, call }) => [name, call.type]).sort()).toEqual(types.sort());
  });
});

describe('authorization', () => {
  it.each(rows)('lets $actor call $name', async ({ name, call, actor }) => {
    const { reason, status } = await callAs(await company.open(), actor, name, call);
    if (call.streams) expect([reason, status]).toEqual(['invalid-input', 415]);
    else {
      expect(reason).toBe(expectedError(call, actor));
      if (reason === null) expect(status).toBe(200);
    }
  });

  it.each(rows)(
    'returns the right error for $name to everyone else',
    async ({ name, call, actor: allowed }) => {
      // One copy is enough: calls that fail change nothing.
      const app = await company.open();
      for (const actor of actors) {
        const expected = expectedError(call, actor);
        if (actor === allowed || expected === null) continue;
        const { reason, status, text } = await callAs(app, actor, name, call);
        expect([actor, reason]).toEqual([actor, expected]);
        if (expected === 'signed-out') expect(status).toBe(401);
        if (expected === 'not-admin') expect(status).toBe(403);
        expect(text).not.toContain(company.activeRawKey);
        expect(text).not.toContain(company.serviceRawKey);
      }
    },
  );

  it('uses the role and state of the account at the time of the call, not of the sign-in', async () => {
    const app = await company.open();
    const { cookies, ids } = company;
    const listTools = () => callApi(app, cookies.bea, 'tools.list', 'query', undefined);
    expect((await listTools()).status).toBe(200);
    await callApi(app, cookies.ada, 'users.setRole', 'mutation', { userId: ids.bea, role: 'member' });
    expect((await listTools()).reason).toBe('signed-out');
    const listKeys = () => callApi(app, cookies.mara, 'keys.mine', 'query', undefined);
    expect((await listKeys()).status).toBe(200);
    await callApi(app, cookies.ada, 'users.disable', 'mutation', { userId: ids.mara });
    expect((await listKeys()).reason).toBe('signed-out');
  });

  it('rejects cookies that only resemble a session cookie', async () => {
    const app = await company.open();
    const token = company.cookies.ada.replace('my-ai-keys=', '');
    const forged = [
      `my-ai-keys=${token.slice(0, -1)}`,
      `my-ai-keys=${token}a`,
      `my-ai-keys=${token.toUpperCase()}`,
      `my-ai-keys=${'a'.repeat(40)}`,
      `my-ai-keys="${token}"`,
      `My-Ai-Keys=${token}`,
      `auth_session=${token}`,
      `__Host-my-ai-keys=${token}`,
    ];
    for (const cookie of forged) {
      const { reason } = await callApi(app, cookie, 'keys.mine', 'query', undefined);
      expect([cookie, reason]).toEqual([cookie, 'signed-out']);
    }
  });
});

describe("the audit trail of members' attempts to call admin procedures", () => {
  it('names the member and the procedure', async () => {
    const app = await company.open();
    const adminRows = rows.filter(({ call }) => call.role === 'admin');
    for (const { name, call } of adminRows) await callAs(app, 'otto', name, call);
    const denied = await auditEntriesOf(app, 'access.denied');
    expect(denied.map(({ subject, actorEmail }) => `${actorEmail} ${subject}`)).toEqual(
      adminRows.map(({ name }) => `otto@example.com procedure:${name}`),
    );
  });

  it('has one entry per member, procedure and minute, and the next entry counts those left out', async () => {
    const app = await company.open();
    let now = Date.now();
    app.now = () => now;
    const attempt = (who: 'otto' | 'mara', name: string) =>
      callApi(app, company.cookies[who], name, 'query', undefined);
    const responses = await Promise.all([
      ...Array.from({ length: 30 }, () => attempt('otto', 'users.list')),
      attempt('mara', 'users.list'),
      attempt('otto', 'tools.list'),
    ]);
    expect(responses.every(({ reason }) => reason === 'not-admin')).toBe(true);
    for (const ms of [59_999, 1, 60_000]) {
      now += ms;
      await attempt('otto', 'users.list');
    }
    const denied = await auditEntriesOf(app, 'access.denied');
    const entries = denied.map(({ actorEmail, subject, details }) => [actorEmail, subject, details.leftOut]);
    expect(entries.slice(0, 3).sort()).toEqual([
      ['mara@example.com', 'procedure:users.list', undefined],
      ['otto@example.com', 'procedure:tools.list', undefined],
      ['otto@example.com', 'procedure:users.list', undefined],
    ]);
    expect(entries.slice(3)).toEqual([
      ['otto@example.com', 'procedure:users.list', 30],
      ['otto@example.com', 'procedure:users.list', undefined],
    ]);
  });
});
