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

/** A server with a credential and some history, which goes on running. */
async function inUse(): Promise<App> {
  const app = await testApp();
  await callerAs(app, (await addUser(app, 'admin')).id).tools.setCredential({
    tool: 'openai',
    credential: 'sk-of-the-company',
  });
  await addAuditEntries(app, 10);
  return app;
}

describe('doctor', () => {
  it('finds nothing wrong with a server in use, one line for each thing looked at', async () => {
    const app = await inUse();
    const { code, out, err } = await doctor(app.config.dataDir);
    expect([code, err]).toEqual([0, '']);
    const looked = out.split('\n').map((line) => /^ok {5}([^:]+): /.exec(line)?.[1]);
    expect(looked).toEqual([
      'settings',
      'data folder',
      'permissions',
      'disk',
      'database',
      'schema',
      'settings of SQLite',
      'audit trail',
      'clock',
      'master key',
      'port',
    ]);
    expect(out).toContain('opens every provider credential (1).');
    expect(out).not.toContain('sk-of-the-company');
  });

  it('finds nothing wrong before the first start, and makes nothing', async () => {
    const folder = temporaryFolder();
    expect(await doctor(folder)).toMatchObject({ code: 0, err: '' });
    expect(await doctor(join(folder, 'later'))).toMatchObject({ code: 0, err: '' });
    expect(readdirSync(folder)).toEqual([]);
  });

  const stopped = async (app: App, work: () => void) => {
    await closeApp(app);
    work();
  };
  const cases: [string, (app: App) => void | Promise<void>, string[]][] = [
    [
      'the master key is readable by others',
      ({ config }) => chmodSync(join(config.dataDir, 'master.key'), 0o644),
      ['permissions: Other users may read', 'chmod 600'],
    ],
    ['the data folder is open to others', ({ config }) => chmodSync(config.dataDir, 0o755), ['chmod 700']],
    [
      'the master key is another one',
      ({ config }) =>
        writeFileSync(join(config.dataDir, 'master.key'), Buffer.alloc(32, 7).toString('base64')),
      ['master key: It does not open the credentials of openai'],
    ],
    [
      'the master key is none',
      ({ config }) => writeFileSync(join(config.dataDir, 'master.key'), 'none'),
      ['master key: ', 'openssl rand'],
    ],
    [
      'an audit entry was changed',
      (app) => tamper(app, "update audit_entries set action = 'x' where seq = 7"),
      ['audit trail: Entry 7 was changed'],
    ],
    [
      'a guard of the audit trail is missing',
      (app) => void app.db.connections.write.exec('drop trigger audit_entries_no_delete'),
      ['schema: The trigger audit_entries_no_delete is missing.'],
    ],
    [
      'a newer version was here',
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
      'the database is none',
      (app) => stopped(app, () => writeFileSync(databaseFile(app.config), 'Dear diary')),
      ['database: It cannot be opened', 'restore a backup'],
    ],
    [
      'the database is another program’s',
      async (app) => {
        await closeApp(app);
        writeFileSync(databaseFile(app.config), '');
      },
      ['schema: This is no database of My AI Keys.'],
    ],
  ];
  it.each(cases)('ends with 1 and says what to do when %s', async (_what, spoil, words) => {
    const app = await inUse();
    await spoil(app);
    const { code, err } = await doctor(app.config.dataDir);
    expect(code).toBe(1);
    expect(err).toMatch(/^WRONG {2}/);
    for (const part of words) expect(err).toContain(part);
    expect(err.split('\n')).toHaveLength(1);
  });

  it('ends with 1 for a setting that is not understood, without its value', async () => {
    const { code, err } = await doctor(temporaryFolder(), { LOG_LEVEL: 'secret-value' });
    expect([code, err]).toEqual([1, expect.stringMatching(/^WRONG {2}settings: LOG_LEVEL must be one of/)]);
    expect(err).not.toContain('secret-value');
  });

  it('tells a server of ours on the port from another program', async () => {
    const answering = (status: number, body: string) =>
      listen(createServer((_, response) => void response.writeHead(status).end(body)));
    const port = (origin: string) => ({ PORT: new URL(origin).port });
    const folder = temporaryFolder();
    expect(await doctor(folder, port(await answering(200, 'ready\n')))).toMatchObject({
      code: 0,
      out: expect.stringContaining('is ready.'),
    });
    expect(await doctor(folder, port(await answering(200, 'It works!')))).toMatchObject({
      code: 1,
      err: expect.stringContaining('is taken by another program'),
    });
  });
});
