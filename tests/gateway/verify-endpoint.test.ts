import { readFileSync } from 'node:fs';
import { eq } from 'drizzle-orm';
import { expect, test, vi } from 'vitest';
import { users } from '~db/schema';
import { callerAs, testApp } from '../helpers/app';
import { addKey, addTool } from '../helpers/factories';
import { exchange, serveGateway } from './harness';

/** The statuses in the table in docs/operating.md. */
function documented(): number[] {
  const text = readFileSync('docs/operating.md', 'utf8');
  const [table = ''] = /^\| response \| when \|[\s\S]*?\n\n/m.exec(text) ?? [];
  const cells = [...table.matchAll(/^\| (\d.*?) \|/gm)].flatMap(
    ([, cell = '']) => cell.match(/\d{3}/g) ?? [],
  );
  return cells.map(Number).sort();
}

test('the verify endpoint returns 200, 401 and 403 as decisions, and otherwise only the documented statuses', async () => {
  const app = await testApp();
  const errors = vi.spyOn(app.log, 'error').mockReturnValue();
  const { id } = await addTool(app, { slug: 'acme' });
  const { id: otherId } = await addTool(app, { slug: 'other' });
  const [key, other, revoked, odd] = [
    await addKey(app, id),
    await addKey(app, otherId),
    await addKey(app, id),
    await addKey(app, id),
  ];
  await callerAs(app, revoked.holderId).keys.revoke({ keyId: revoked.id });
  const { origin } = await serveGateway(app);
  const ask = async (rawKey: string, path = '/verify/acme') =>
    (await fetch(origin + path, { headers: { 'x-api-key': rawKey } })).status;
  const askBytes = async (head: string) => Number((await exchange(origin, head, '\r\n\r\n')).slice(9, 12));

  const decisions = [
    await ask(key.rawKey),
    await ask('not our key'),
    await ask(revoked.rawKey),
    await ask(other.rawKey),
    await ask(key.rawKey, '/verify/nothing-like-this'),
  ];
  expect(decisions).toEqual([200, 401, 401, 403, 403]);

  const others = [
    await ask(key.rawKey, '/verify'),
    await askBytes('GET /verify/acme HTTP/1.1\r\nHost : x\r\n\r\n'),
    await askBytes('GET /verify/acme HTTP/1.1\r\nHost: x\r\nExpect: tea\r\n\r\n'),
    await askBytes(`GET /verify/acme HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`),
  ];
  expect(others).toEqual([404, 400, 417, 431]);

  // This address isn't a valid header value, so writing the response fails.
  await app.db.write(async (tx) => {
    await tx.update(users).set({ email: 'line\nbreak@example.com' }).where(eq(users.id, odd.holderId));
  });
  const failed = await ask(odd.rawKey);
  app.db.connections.read.close();
  const unreadable = await ask(key.rawKey);
  expect([failed, unreadable]).toEqual([500, 503]);
  expect(errors).toHaveBeenCalledTimes(2);

  // 408 is Node's own and takes a minute.
  const seen = new Set([...decisions, ...others, failed, unreadable, 408]);
  expect(documented()).toEqual([...seen].sort());
});
