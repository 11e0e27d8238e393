import { asc, eq } from 'drizzle-orm';
import { beforeEach, expect, test, vi } from 'vitest';
import { mintRawKey } from '~/crypto/key-format.server';
import { type AuditedRefusal, createRefusalAuditor } from '~/gateway/audit-refusals.server';
import type { Gateway } from '~/gateway/gateway.server';
import type { App } from '~/server/create-app.server';
import { auditEntries } from '~db/schema';
import { callerAs, testApp } from '../helpers/app';
import { addKey, addTool, type IssuedKey } from '../helpers/factories';
import { serveGateway } from './harness';

let app: App;
let key: IssuedKey;
let toolId: string;
let origin: string;
let gateway: Gateway;
let now: number;

beforeEach(async () => {
  app = await testApp();
  now = 1_800_000_000_000;
  app.now = () => now;
  const tool = await addTool(app, { slug: 'acme', needsCredential: false });
  toolId = tool.id;
  key = await addKey(app, tool.id, { environment: 'production' });
  ({ origin, gateway } = await serveGateway(app));
});

const ask = (rawKey: string, path = '/verify/acme') =>
  fetch(origin + path, { headers: { 'x-api-key': rawKey, 'user-agent': 'openai-python/2' } }).then(
    (response) => response.text(),
  );

async function entries() {
  await gateway.close();
  const rows = await app.db.read
    .select()
    .from(auditEntries)
    .where(eq(auditEntries.action, 'gateway.refused'))
    .orderBy(asc(auditEntries.seq));
  return rows.map(({ details, ...row }) => ({ ...row, details: JSON.parse(details) }));
}

const revoke = () => callerAs(app, key.holderId).keys.revoke({ keyId: key.id });

test('a refused key is recorded on the audit trail with its holder, tool, address and reason', async () => {
  await revoke();
  await ask(key.rawKey, '/gateway/acme/v1/chat?secret=1');
  const [entry, ...rest] = await entries();
  expect(rest).toEqual([]);
  expect(entry).toMatchObject({
    at: now,
    actorId: null,
    subject: `key:${key.id}`,
    keyId: key.id,
    toolId,
    address: '127.0.0.1',
    userAgent: 'openai-python/2',
    requestId: expect.stringMatching(/^call_/),
    details: {
      reason: 'key-revoked',
      endpoint: 'proxy',
      tool: 'acme',
      environment: 'production',
      holder: key.holderEmail,
    },
  });
});

test('a refused key is recorded once a minute', async () => {
  await revoke();
  for (let call = 0; call < 20; call++) await ask(key.rawKey);
  now += 60_000;
  for (let call = 0; call < 20; call++) await ask(key.rawKey);
  expect(await entries()).toHaveLength(2);
});

test('several refused keys are each recorded', async () => {
  const other = await addKey(app, toolId);
  await ask(key.rawKey, '/verify/elsewhere');
  await ask(other.rawKey, '/verify/elsewhere');
  expect((await entries()).map(({ keyId, details }) => [keyId, details.reason])).toEqual([
    [key.id, 'wrong-tool'],
    [other.id, 'wrong-tool'],
  ]);
});

test('unknown keys are recorded once per minute and address', async () => {
  for (let call = 0; call < 10; call++) await ask(mintRawKey('production').rawKey);
  await ask('sk-proj-something');
  const [entry, ...rest] = await entries();
  expect(rest).toEqual([]);
  expect(entry).toMatchObject({ subject: `tool:${toolId}`, keyId: null, details: { reason: 'key-unknown' } });
});

test('a call without a key is not recorded on the audit trail', async () => {
  await fetch(`${origin}/gateway/acme`, { method: 'HEAD' });
  await fetch(`${origin}/verify/acme`);
  expect(await entries()).toEqual([]);
});

test('audit entries of refused keys contain nothing that was presented', async () => {
  const foreign = mintRawKey('production').rawKey;
  await revoke();
  await ask(key.rawKey);
  await fetch(`${origin}/verify/${foreign}`, {
    headers: { 'x-api-key': foreign, 'user-agent': `tool ${foreign}` },
  });
  const text = JSON.stringify(await entries());
  for (const rawKey of [foreign, key.rawKey]) expect(text).not.toContain(rawKey.slice(-32));
});

const stranger = (address: string): AuditedRefusal => ({
  reason: 'key-unknown',
  endpoint: 'verify',
  key: null,
  tool: null,
  origin: { address, userAgent: null, requestId: null },
});

test('callers without a key can’t fill the audit trail by changing addresses', async () => {
  const trail = createRefusalAuditor(app);
  const write = vi.spyOn(app.db, 'write');
  for (let index = 0; index < 5_000; index++) trail.record(stranger(`10.1.${index >> 8}.${index & 255}`));
  await trail.close();
  expect(write.mock.calls.length).toBeLessThanOrEqual(300);
  const known = { ...stranger('10.9.9.9'), key: { id: key.id, toolId } };
  trail.record(known);
  await trail.close();
  expect((await entries()).at(-1)?.keyId).toBe(key.id); // refused keys of this server are still recorded
});

test('refusals from one IPv6 /64 network are recorded once', async () => {
  const trail = createRefusalAuditor(app);
  for (let index = 0; index < 50; index++) trail.record(stranger(`2001:db8:1:2::${index.toString(16)}`));
  trail.record(stranger('2001:db8:1:3::1'));
  await trail.close();
  expect(await entries()).toHaveLength(2);
});

test('a key is refused even if the audit trail can’t be written', async () => {
  const error = vi.spyOn(app.log, 'error').mockReturnValue();
  await revoke();
  vi.spyOn(app.db, 'write').mockRejectedValueOnce(new Error('disk full'));
  const response = await fetch(`${origin}/verify/acme`, { headers: { 'x-api-key': key.rawKey } });
  expect(response.status).toBe(401);
  await expect.poll(() => error.mock.calls.length).toBe(1);
});
