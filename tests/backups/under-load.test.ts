import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../helpers/app';
import { type HttpClient, signIn } from '../helpers/http';
import { ADMIN, runCommand, startServer } from '../helpers/server';

interface Answered {
  id: string;
  rawKey: string;
  revoked: boolean;
}

/** Requests and revokes keys until told to stop; `answered` holds what the server has acknowledged. */
function keepBusy(client: HttpClient, environment: string, answered: Answered[]) {
  let going = true;
  const finished = (async () => {
    while (going) {
      const { data } = await client.mutate('keys.request', {
        tool: 'echo',
        environment,
        purpose: 'work under load',
      });
      const { key, rawKey } = data as { key: { id: string }; rawKey: string };
      const one: Answered = { id: key.id, rawKey, revoked: false };
      answered.push(one);
      await client.mutate('keys.revoke', { keyId: key.id });
      one.revoked = true;
    }
  })();
  return async () => {
    going = false;
    await finished;
  };
}

it('has every change that was acknowledged before it began, restored elsewhere, with a chain that verifies', async () => {
  const server = await startServer({ firstAdmin: true });
  const client = await signIn(server.url, ADMIN);
  const answered: Answered[] = [];
  const environments = ['development', 'staging', 'production'];
  const busy = environments.map((environment) => keepBusy(client, environment, answered));
  await sleep(1_000);

  const before = answered.map((one) => ({ ...one }));
  const file = join(temporaryFolder(), 'backup.sqlite');
  const backup = await runCommand(['backup', file], { DATA_DIR: server.dataDir });
  expect([backup.exitCode, backup.stderr]).toEqual([0, '']);
  const during = answered.length - before.length;
  for (const stop of busy) await stop();
  await server.stop();
  server.removeData();
  expect([before.length > 10, during > 0]).toEqual([true, true]); // it was under load, before and meanwhile

  const folder = temporaryFolder();
  const restored = await runCommand(['restore', file], { DATA_DIR: folder });
  expect([restored.exitCode, restored.stderr]).toEqual([0, '']);
  expect(await runCommand(['audit', 'verify'], { DATA_DIR: folder })).toMatchObject({ exitCode: 0 });
  const again = await startServer({ settings: { DATA_DIR: folder } });
  const admin = await signIn(again.url, ADMIN);
  const { data } = await admin.query('keys.mine');
  const found = new Map((data as { id: string; status: string }[]).map(({ id, status }) => [id, status]));
  for (const { id, revoked } of before) {
    expect([id, found.has(id)]).toEqual([id, true]);
    if (revoked) expect([id, found.get(id)]).toEqual([id, 'REVOKED']);
  }
  await again.stop();
}, 120_000);
