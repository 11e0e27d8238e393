import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { appRouter } from '~/api/router.server';
import type { ErrorReason } from '~/core/error-catalogue';
import { auditEntriesOf } from '../helpers/audit';
import { callApi } from '../helpers/call-api';
import { type Actor, actors, type Company, createCompany } from '../helpers/company';
import { type Call, calls, rightActor } from './procedure-table';

let company: Company;

beforeAll(async () => {
  company = await createCompany();
}, 30_000);

afterAll(() => company.remove());

const procedures: Record<string, object> = appRouter._def.procedures;

/** What must become of this call by this actor: a refusal's reason, or null when it is carried out. */
function expectedOf({ may, refused }: Call, actor: Actor): ErrorReason | null {
  const isSignedIn = actor !== 'nobody' && actor !== 'dan';
  if (may !== 'everybody' && !isSignedIn) return 'signed-out';
  if (may === 'admins' && actor !== 'ada' && actor !== 'bea') return 'not-admin';
  return refused?.[actor] ?? null;
}

describe('the gate', () => {
  it('has a row in the table for every procedure, of its own type, and none for what is not there', () => {
    const types = Object.fromEntries(
      Object.entries(procedures).map(([name, procedure]) => [
        name,
        (procedure as { _def: { type: string } })._def.type,
      ]),
    );
    expect(Object.fromEntries(Object.entries(calls).map(([name, { type }]) => [name, type]))).toEqual(types);
  });

  const rows = Object.entries(calls).map(([name, call]) => ({ name, call, who: rightActor(call) }));

  it.each(rows)('lets $who call $name, unless its refusal is for everybody', async ({ name, call, who }) => {
    const app = await company.open();
    const { reason, status } = await callApi(
      app,
      company.cookies[who],
      name,
      call.type,
      call.input?.(company),
    );
    expect([reason, status]).toEqual(
      call.streams ? ['invalid-input', 415] : [expectedOf(call, who), reason === null ? 200 : status],
    );
  });

  it.each(rows)('holds everybody else to the rules of $name', async ({ name, call, who }) => {
    // One copy for all of them: what is refused changes nothing.
    const app = await company.open();
    for (const actor of actors) {
      const expected = expectedOf(call, actor);
      if (actor === who || expected === null) continue;
      const { reason, status, text } = await callApi(
        app,
        company.cookies[actor],
        name,
        call.type,
        call.input?.(company),
      );
      expect([actor, reason]).toEqual([actor, expected]);
      if (expected === 'signed-out') expect(status).toBe(401);
      if (expected === 'not-admin') expect(status).toBe(403);
      expect(text).not.toContain(company.activeRawKey);
      expect(text).not.toContain(company.serviceRawKey);
    }
  });

  it('puts the admin calls that a member tries on the audit trail, with who and what', async () => {
    const app = await company.open();
    const forAdmins = rows.filter(({ call }) => call.may === 'admins');
    for (const { name, call } of forAdmins) {
      await callApi(app, company.cookies.otto, name, call.type, call.input?.(company));
    }
    const denied = await auditEntriesOf(app, 'access.denied');
    expect(denied.map(({ subject, actorEmail }) => `${actorEmail} ${subject}`)).toEqual(
      forAdmins.map(({ name }) => `otto@example.com procedure:${name}`),
    );
  });

  it('records of a member who tries again and again one attempt a minute, and then how many it left out', async () => {
    const app = await company.open();
    let now = Date.now();
    app.now = () => now;
    const attempt = (who: 'otto' | 'mara', name: string) =>
      callApi(app, company.cookies[who], name, 'query', undefined);
    const tries = Array.from({ length: 30 }, () => attempt('otto', 'users.list'));
    const answers = await Promise.all([
      ...tries,
      attempt('mara', 'users.list'),
      attempt('otto', 'tools.list'),
    ]);
    expect(answers.every(({ reason }) => reason === 'not-admin')).toBe(true);
    now += 59_999;
    await attempt('otto', 'users.list');
    now += 1;
    await attempt('otto', 'users.list');
    now += 60_000;
    await attempt('otto', 'users.list');
    const denied = await auditEntriesOf(app, 'access.denied');
    const told = denied.map(({ actorEmail, subject, details }) => [actorEmail, subject, details.leftOut]);
    expect(told.slice(0, 3).sort()).toEqual([
      ['mara@example.com', 'procedure:users.list', undefined],
      ['otto@example.com', 'procedure:tools.list', undefined],
      ['otto@example.com', 'procedure:users.list', undefined],
    ]);
    expect(told.slice(3)).toEqual([
      ['otto@example.com', 'procedure:users.list', 30],
      ['otto@example.com', 'procedure:users.list', undefined],
    ]);
  });

  it('looks at the role and the state of now, not at those of the time of signing in', async () => {
    const app = await company.open();
    const { cookies, ids } = company;
    const ask = (cookie: string) => callApi(app, cookie, 'tools.list', 'query', undefined);
    expect((await ask(cookies.bea)).status).toBe(200);
    await callApi(app, cookies.ada, 'users.setRole', 'mutation', { userId: ids.bea, role: 'member' });
    expect((await ask(cookies.bea)).reason).toBe('signed-out');
    expect((await callApi(app, cookies.mara, 'keys.mine', 'query', undefined)).status).toBe(200);
    await callApi(app, cookies.ada, 'users.disable', 'mutation', { userId: ids.mara });
    expect((await callApi(app, cookies.mara, 'keys.mine', 'query', undefined)).reason).toBe('signed-out');
  });

  it('takes no cookie for a session that only looks like one', async () => {
    const app = await company.open();
    const good = company.cookies.ada.replace('my-ai-keys=', '');
    const forged = [
      `my-ai-keys=${good.slice(0, -1)}`,
      `my-ai-keys=${good}a`,
      `my-ai-keys=${good.toUpperCase()}`,
      `my-ai-keys=${'a'.repeat(40)}`,
      `my-ai-keys="${good}"`,
      `My-Ai-Keys=${good}`,
      `auth_session=${good}`,
      `__Host-my-ai-keys=${good}`,
    ];
    for (const cookie of forged) {
      const { reason } = await callApi(app, cookie, 'keys.mine', 'query', undefined);
      expect([cookie, reason]).toEqual([cookie, 'signed-out']);
    }
  });
});
