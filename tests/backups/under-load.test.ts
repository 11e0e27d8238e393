import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../helpers/app';
import { type HttpClient, signIn } from '../helpers/http';
import { ADMIN, runCommand, startServer } from '../helpers/server';

interface AcknowledgedKey {
  id: string;
  rawKey: string;
  revoked: boolean;
}

/** Requests and revokes keys until stopped, and adds each to `acknowledged` once the server has responded. */
function startLoad(client: HttpClient, environment: string, acknowledged: AcknowledgedKey[]) {
  let running = true;
  const finished = (async () => {
    while (running) {
      const { data } = await client.mutate('keys.request', {
        tool: 'echo',
        environment,
        purpose: 'work under load',
      });
      const { key, rawKey } = data as { key: { id: string }; rawKey: string };
      const acknowledgedKey: AcknowledgedKey = { id: key.id, rawKey, revoked: false };
      acknowledged.push(acknowledgedKey);
      await client.mutate('keys.revoke', { keyId: key.id });
      acknowledgedKey.revoked = true;
    }
  })();
  return async () => {
    running = false;
    await finished;
  };
}

it('a backup under load contains every change acknowledged before it, and restores with an intact audit trail', async () => {
  const server = await startServer({ firstAdmin: true });
  const client = await signIn(server.url, ADMIN);
  const acknowledged: AcknowledgedKey[] = [];
  const environments = ['development', 'staging', 'production'];
  const loads = environments.map((environment) => startLoad(client, environment, acknowledged));
  await sleep(1_000);

  const before = acknowledged.map((key) => ({ ...key }));
  const file = join(temporaryFolder(), 'backup.sqlite');
  const backup = await runCommand(['backup', file], { DATA_DIR: server.dataDir });
  expect([backup.exitCode, backup.stderr]).toEqual([0, '']);
  const during = acknowledged.length - before.length;
  for (const stop of loads) await stop();
  await server.stop();
  server.removeData();
  expect([before.length > 10, during > 0]).toEqual([true, true]); // there was load before and during the backup

  const dataDir = temporaryFolder();
  const restored = await runCommand(['restore', file], { DATA_DIR: dataDir });
  expect([restored.exitCode, restored.stderr]).toEqual([0, '']);
  expect(await runCommand(['audit', 'verify'], { DATA_DIR: dataDir })).toMatchObject({ exitCode: 0 });
  const restoredServer = await startServer({ settings: { DATA_DIR: dataDir } });
  const admin = await signIn(restoredServer.url, ADMIN);
  const { data } = await admin.query('keys.mine');
  const found = new Map((data as { id: string; status: string }[]).map(({ id, status }) => [id, status]));
  for (const { id, revoked } of before) {
    expect([id, found.has(id)]).toEqual([id, true]);
    if (revoked) expect([id, found.get(id)]).toEqual([id, 'REVOKED']);
  }
  await restoredServer.stop();
}, 120_000);
