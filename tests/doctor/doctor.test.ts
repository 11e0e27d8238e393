import { chmodSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { record, SYSTEM } from '~/audit/record.server';
import { databaseFile } from '~/core/config.server';
import type { App } from '~/server/create-app.server';
import { closeApp } from '~/server/create-app.server';
import { listen } from '../gateway/harness';
import { callerAs, temporaryFolder, testApp } from '../helpers/app';
import { addAuditEntries, tamper } from '../helpers/audit';
import { runCli } from '../helpers/cli';
import { addUser } from '../helpers/factories';

const doctor = (dataDir: string, settings: Record<string, string> = {}) =>
  runCli(['doctor'], dataDir, { settings: { PORT: '3479', ...settings } });

/** A running server with a credential and audit entries. */
async function serverInUse(): Promise<App> {
  const app = await testApp();
  await callerAs(app, (await addUser(app, 'admin')).id).tools.setCredential({
    tool: 'openai',
    credential: 'sk-of-the-company',
  });
  await addAuditEntries(app, 10);
  return app;
}

describe('doctor', () => {
  it('finds no problems in a running server and prints one line per check', async () => {
    const app = await serverInUse();
    const { code, out, err } = await doctor(app.config.dataDir);
    expect([code, err]).toEqual([0, '']);
    const subjects = out.split('\n').map((line) => /^ok {7}([^:]+): /.exec(line)?.[1]);
    expect(subjects).toEqual([
      'settings',
      'data directory',
      'permissions',
      'disk',
      'database',
      'schema',
      'SQLite settings',
      'audit trail',
      'clock',
      'master key',
      'port',
    ]);
    expect(out).toContain('decrypts all provider credentials (1).');
    expect(out).not.toContain('sk-of-the-company');
  });

  it('finds no problems before the first start and creates nothing', async () => {
    const dataDir = temporaryFolder();
    expect(await doctor(dataDir)).toMatchObject({ code: 0, err: '' });
    expect(await doctor(join(dataDir, 'later'))).toMatchObject({ code: 0, err: '' });
    expect(readdirSync(dataDir)).toEqual([]);
  });

  const stopped = async (app: App, work: () => void) => {
    await closeApp(app);
    work();
  };
  const cases: [string, (app: App) => void | Promise<void>, string[]][] = [
    [
      'other users can read the master key',
      ({ config }) => chmodSync(join(config.dataDir, 'master.key'), 0o644),
      ['permissions: Other users can read', 'chmod 600'],
    ],
    [
      'other users can access the data directory',
      ({ config }) => chmodSync(config.dataDir, 0o755),
      ['chmod 700'],
    ],
    [
      'the master key is the wrong one',
      ({ config }) =>
        writeFileSync(join(config.dataDir, 'master.key'), Buffer.alloc(32, 7).toString('base64')),
      ["master key: It can't decrypt the credentials of openai"],
    ],
    [
      'the master key is malformed',
      ({ config }) => writeFileSync(join(config.dataDir, 'master.key'), 'none'),
      ['master key: ', 'openssl rand'],
    ],
    [
      'an audit entry was changed',
      (app) => tamper(app, "update audit_entries set action = 'x' where seq = 7"),
      ['audit trail: Entry 7 was changed'],
    ],
    [
      'a trigger that protects the audit trail is missing',
      (app) => void app.db.connections.write.exec('drop trigger audit_entries_no_delete'),
      ['schema: The trigger audit_entries_no_delete is missing.'],
    ],
    [
      'the database is from a newer version',
      (app) =>
        void app.db.connections.write.exec(
          "insert into schema_migrations values (999, '0999_later', 'x', 1)",
        ),
      ['schema: ', 'newer version'],
    ],
    [
      'the clock was set back',
      (app) =>
        app.db.write((tx) =>
          record(tx, { at: Date.now() + 3_600_000, by: SYSTEM, action: 'key.issued', subject: 'key:k' }),
        ),
      ['clock: ', 'NTP'],
    ],
    [
      'the database file is not a database',
      (app) => stopped(app, () => writeFileSync(databaseFile(app.config), 'Dear diary')),
      ["database: It can't be opened", 'restore a backup'],
    ],
    [
      'the database is empty',
      (app) => stopped(app, () => writeFileSync(databaseFile(app.config), '')),
      ["schema: This isn't a database of My AI Keys."],
    ],
  ];
  it.each(cases)('exits with 1 and prints what to do if %s', async (_what, damage, messages) => {
    const app = await serverInUse();
    await damage(app);
    const { code, err } = await doctor(app.config.dataDir);
    expect(code).toBe(1);
    expect(err).toMatch(/^PROBLEM {2}/);
    for (const message of messages) expect(err).toContain(message);
    expect(err.split('\n')).toHaveLength(1);
  });

  it('exits with 1 for an invalid setting and does not print its value', async () => {
    const { code, err } = await doctor(temporaryFolder(), { LOG_LEVEL: 'secret-value' });
    expect([code, err]).toEqual([1, expect.stringMatching(/^PROBLEM {2}settings: LOG_LEVEL must be one of/)]);
    expect(err).not.toContain('secret-value');
  });

  it('distinguishes our server on the port from another program', async () => {
    const respondWith = (status: number, body: string) =>
      listen(createServer((_, response) => void response.writeHead(status).end(body)));
    const port = (origin: string) => ({ PORT: new URL(origin).port });
    const dataDir = temporaryFolder();
    expect(await doctor(dataDir, port(await respondWith(200, 'ready\n')))).toMatchObject({
      code: 0,
      out: expect.stringContaining('and ready.'),
    });
    expect(await doctor(dataDir, port(await respondWith(200, 'It works!')))).toMatchObject({
      code: 1,
      err: expect.stringContaining('is used by another program'),
    });
  });
});
