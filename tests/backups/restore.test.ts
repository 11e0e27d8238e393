import {
  closeSync,
  copyFileSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { formatHead } from '~/audit/audit.schema';
import { readHead } from '~/audit/record.server';
import { databaseFile } from '~/core/config.server';
import { acquireDataDirLock } from '~/data-dir/data-dir-lock.server';
import type { App } from '~/server/create-app.server';
import { closeApp } from '~/server/create-app.server';
import { invitations, keys, passwordResets, sessions, users } from '~db/schema';
import { migrate, migrations } from '~db/sqlite/migrate.server';
import { callerAs, reasonOf, temporaryFolder, testApp } from '../helpers/app';
import { addAuditEntries, auditEntriesOf } from '../helpers/audit';
import { runCli } from '../helpers/cli';
import { addUser } from '../helpers/factories';
import { activeKey, keyRow, pendingKey, serviceAccount, serviceKey, team } from '../helpers/team';
import { inviteAndJoin as joinTeam, setUpAdmin } from '../helpers/visitor';

async function backupOf(app: App): Promise<string> {
  const file = join(temporaryFolder(), 'backup.sqlite');
  expect(await runCli(['backup', file], app.config.dataDir)).toMatchObject({ code: 0, err: '' });
  return file;
}

/** The application after a restart on the same data directory. */
const restart = (dataDir: string) => testApp({ DATA_DIR: dataDir });

/** Makes a backup, then changes, then restores the backup over the changed database and restarts. */
async function restoreAfter(app: App, change: () => Promise<unknown>) {
  const file = await backupOf(app);
  await change();
  await closeApp(app);
  const { dataDir } = app.config;
  const { code, out } = await runCli(['restore', file], dataDir);
  expect(code).toBe(0);
  expect(await runCli(['audit', 'verify'], dataDir)).toMatchObject({ code: 0 });
  return { app: await restart(dataDir), out };
}

const archiveIn = (out: string) => /kept as (\S+)\.$/m.exec(out)?.[1] ?? '';

describe('restore', () => {
  it('restores a backup to an empty data directory', async () => {
    const members = await team();
    const { keyId } = await activeKey(members);
    const head = await readHead(members.app.db.read);
    const file = await backupOf(members.app);
    const dataDir = temporaryFolder();
    const { code, out, err } = await runCli(['restore', file, '--head', formatHead(head)], dataDir);
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain(`to ${databaseFile({ dataDir })}. Its audit trail ends at ${formatHead(head)}.`);
    expect(out).toContain('There was no database to read later revocations from.');
    expect(readdirSync(dataDir).sort()).toEqual(['in-use.lock', 'my-ai-keys.sqlite']);
    const app = await restart(dataDir);
    expect(await keyRow(app, keyId)).toEqual(await keyRow(members.app, keyId));
    expect(await auditEntriesOf(app, 'database.restored')).toMatchObject([
      { seq: head.seq + 1, details: { backupHead: formatHead(head) } },
    ]);
    expect(await runCli(['audit', 'verify'], dataDir)).toMatchObject({ code: 0 });
  });

  it('keeps the whole replaced database under another name', async () => {
    const members = await team();
    let keyId = '';
    const { app, out } = await restoreAfter(members.app, async () => {
      ({ keyId } = await activeKey(members));
    });
    const archive = new BetterSqlite3(archiveIn(out), { readonly: true });
    expect(archive.prepare('select id from keys').pluck().all()).toEqual([keyId]);
    archive.close();
    expect(await app.db.read.select().from(keys)).toEqual([]);
  });

  it('keeps a damaged database, too', async () => {
    const { app } = await team();
    const path = databaseFile(app.config);
    const file = await backupOf(app);
    await closeApp(app);
    writeFileSync(path, 'not a database any more');
    const { code, out } = await runCli(['restore', file], app.config.dataDir);
    expect(code).toBe(0);
    expect(readFileSync(archiveIn(out), 'utf8')).toBe('not a database any more');
    const restored = await restart(app.config.dataDir);
    expect(await restored.db.read.select().from(users)).toHaveLength(4);
  });

  it('keeps keys revoked and users disabled that were so in the replaced database', async () => {
    const members = await team();
    const revoked = await activeKey(members);
    const active = await activeKey({ ...members, asMember: members.asOther });
    let revokedAt: number | null = null;
    const { app, out } = await restoreAfter(members.app, async () => {
      await members.asMember.keys.revoke({ keyId: revoked.keyId });
      ({ revokedAt } = await keyRow(members.app, revoked.keyId));
      await members.asAdmin.users.disable({ userId: members.secondAdmin.id });
    });
    expect(out).toContain(
      'reapplied: 1 keys, 0 requests, 1 disabled users, 0 disabled service accounts, 0 demoted admins.',
    );
    expect(await keyRow(app, revoked.keyId)).toMatchObject({ status: 'REVOKED', revokedAt });
    expect(await keyRow(app, active.keyId)).toMatchObject({ status: 'ACTIVE' });
    expect(await reasonOf(callerAs(app, members.secondAdmin.id).keys.mine())).toBe('signed-out');
    expect(await auditEntriesOf(app, 'key.revoked')).toMatchObject([{ keyId: revoked.keyId, actorId: null }]);
    expect(await auditEntriesOf(app, 'user.disabled')).toHaveLength(1);
  });

  it('keeps service accounts disabled and their keys revoked, and no others', async () => {
    const members = await team();
    const [disabled, enabled] = [
      await serviceAccount(members),
      await serviceAccount(members, 'nightly-report'),
    ];
    const revokedKey = await serviceKey(members, disabled);
    const activeKeyOfOther = await serviceKey(members, enabled);
    const { app, out } = await restoreAfter(members.app, () =>
      members.asAdmin.serviceAccounts.disable({ serviceAccountId: disabled }),
    );
    expect(out).toContain('1 keys, 0 requests, 0 disabled users, 1 disabled service accounts');
    expect(await keyRow(app, revokedKey.keyId)).toMatchObject({ status: 'REVOKED' });
    expect(await keyRow(app, activeKeyOfOther.keyId)).toMatchObject({
      status: 'ACTIVE',
      serviceAccountId: enabled,
    });
    const admin = callerAs(app, members.admin.id);
    expect(await admin.serviceAccounts.list({ state: 'disabled' })).toMatchObject([{ id: disabled }]);
    expect(await auditEntriesOf(app, 'service_account.disabled')).toMatchObject([
      { actorId: null, subject: `service_account:${disabled}`, details: { name: 'ci/deploy' } },
    ]);
    expect(await auditEntriesOf(app, 'key.revoked')).toMatchObject([
      { actorId: null, keyId: revokedKey.keyId, details: { holder: disabled } },
    ]);
  });

  it('reapplies revocations from a database of a newer version', async () => {
    const members = await team();
    const { keyId } = await activeKey(members);
    const { app, out } = await restoreAfter(members.app, async () => {
      await members.asMember.keys.revoke({ keyId });
      members.app.db.connections.write.exec(
        "insert into schema_migrations values (999, '0999_later', 'x', 1); create table later (id text)",
      );
    });
    expect(out).toContain('reapplied: 1 keys,');
    expect(await keyRow(app, keyId)).toMatchObject({ status: 'REVOKED' });
  });

  it('keeps admins demoted', async () => {
    const members = await team();
    const { app, out } = await restoreAfter(members.app, () =>
      members.asAdmin.users.setRole({ userId: members.secondAdmin.id, role: 'member' }),
    );
    expect(out).toContain('1 demoted admins.');
    expect(out).not.toContain('There is no admin left');
    expect(await reasonOf(callerAs(app, members.secondAdmin.id).users.list())).toBe('not-admin');
    expect(await auditEntriesOf(app, 'user.demoted')).toMatchObject([{ actorId: null }]);
  });

  it('warns if no admin is left, and a command can create one', async () => {
    const app = await testApp();
    const ada = await addUser(app, 'admin');
    const { out } = await restoreAfter(app, async () => {
      const successor = await addUser(app, 'admin');
      await callerAs(app, successor.id).users.setRole({ userId: ada.id, role: 'member' });
    });
    expect(out).toContain('There is no admin left');
    const create = ['admin', 'create', 'rescue@example.com', '--generate'];
    expect(await runCli(create, app.config.dataDir)).toMatchObject({ code: 0 });
  });

  it('keeps requests withdrawn, including those of a disabled user', async () => {
    const members = await team();
    const keyId = await pendingKey(members);
    const keyOfDisabled = await pendingKey({ ...members, asMember: members.asOther });
    let revokedAt: number | null = null;
    const { app, out } = await restoreAfter(members.app, async () => {
      await members.asMember.keys.withdraw({ keyId });
      await members.asAdmin.users.disable({ userId: members.other.id });
      ({ revokedAt } = await keyRow(members.app, keyOfDisabled));
    });
    expect(out).toContain('0 keys, 2 requests, 1 disabled users');
    expect(await keyRow(app, keyId)).toMatchObject({ status: 'REVOKED' });
    expect(await keyRow(app, keyOfDisabled)).toMatchObject({ status: 'REVOKED', revokedAt });
    expect(await auditEntriesOf(app, 'key.withdrawn')).toMatchObject([{ actorId: null }, { actorId: null }]);
  });

  it('ends all sessions and revokes all open links of the backup', async () => {
    const original = await testApp();
    const admin = await setUpAdmin(original);
    const mara = await joinTeam(original, admin, 'mara@example.com');
    await admin.call((api) => api.users.invite({ email: 'otto@example.com', role: 'member' }));
    await admin.call((api) => api.users.makeResetLink({ userId: mara.id }));
    const dataDir = temporaryFolder();
    expect(await runCli(['restore', await backupOf(original)], dataDir)).toMatchObject({ code: 0 });
    const app = await restart(dataDir);
    expect(await app.db.read.select().from(sessions)).toEqual([]);
    const openInvitations = (await app.db.read.select().from(invitations)).filter(
      ({ acceptedAt, revokedAt }) => acceptedAt === null && revokedAt === null,
    );
    expect(openInvitations).toEqual([]);
    const resets = await app.db.read.select().from(passwordResets);
    expect(resets.map(({ revokedAt }) => revokedAt)).not.toContain(null);
    expect(await auditEntriesOf(app, 'invitation.revoked')).toMatchObject([
      { actorId: null, details: { why: 'restored' } },
    ]);
    expect(await auditEntriesOf(app, 'reset_link.revoked')).toMatchObject([
      { actorId: null, subject: `user:${mara.id}` },
    ]);
    expect(await auditEntriesOf(app, 'database.restored')).toMatchObject([
      { details: { sessionsEnded: 2, invitationsRevoked: 1 } },
    ]);
  });

  it('migrates a backup of an earlier version', async () => {
    const file = join(temporaryFolder(), 'old.sqlite');
    const sqlite = new BetterSqlite3(file);
    migrate(sqlite, migrations.slice(0, 1));
    sqlite.close();
    const dataDir = temporaryFolder();
    expect(await runCli(['restore', file], dataDir)).toMatchObject({ code: 0, err: '' });
    expect(await runCli(['audit', 'verify'], dataDir)).toMatchObject({ code: 0 });
  });

  it("fails if the master key doesn't decrypt the credentials, or deletes them with --forget", async () => {
    const members = await team();
    await members.asAdmin.tools.setCredential({ tool: 'openai', credential: 'sk-of-the-company' });
    const file = await backupOf(members.app);
    const dataDir = temporaryFolder();
    expect(await runCli(['restore', file], dataDir)).toMatchObject({
      code: 2,
      err: expect.stringContaining('credentials of openai'),
    });
    expect(existsSync(databaseFile({ dataDir }))).toBe(false);

    copyFileSync(join(members.app.config.dataDir, 'master.key'), join(dataDir, 'master.key'));
    expect(await runCli(['restore', file], dataDir)).toMatchObject({ code: 0 });

    const withoutKey = temporaryFolder();
    const { code, out } = await runCli(['restore', file, '--forget'], withoutKey);
    expect([code, out]).toEqual([0, expect.stringContaining('Deleted the credentials of openai.')]);
    expect(await auditEntriesOf(await restart(withoutKey), 'credential.removed')).toHaveLength(1);
  });
});

describe('restore fails and replaces nothing if the backup', () => {
  const overwrite = (file: string, at: number, text: string) => {
    const handle = openSync(file, 'r+');
    writeSync(handle, text, at);
    closeSync(handle);
  };
  const change = (file: string, sql: string) => {
    const sqlite = new BetterSqlite3(file);
    sqlite.exec(sql);
    sqlite.close();
  };
  const dropTrigger = 'drop trigger audit_entries_no_update';
  /** Puts the trigger back, as an attacker would. */
  const changeEntry = (file: string, seq: number) => {
    const sqlite = new BetterSqlite3(file);
    const trigger = sqlite
      .prepare<[], string>("select sql from sqlite_master where name = 'audit_entries_no_update'")
      .pluck()
      .get();
    sqlite.exec(`${dropTrigger}; update audit_entries set action = 'x' where seq = ${seq}; ${trigger}`);
    sqlite.close();
  };

  const cases: [string, (file: string) => void, string][] = [
    ['is not a database', (file) => writeFileSync(file, 'Dear diary'), "isn't a backup, or it is damaged"],
    ['is empty', (file) => writeFileSync(file, ''), "isn't a backup of My AI Keys"],
    ['was cut short', (file) => truncateSync(file, 40_000), 'damaged'],
    ['has damaged pages', (file) => overwrite(file, 9 * 4096, 'x'.repeat(20_000)), 'malformed'],
    [
      'is the database of another program',
      (file) => {
        rmSync(file);
        change(file, 'create table notes (text)');
      },
      "isn't a backup of My AI Keys",
    ],
    [
      'is from a newer version',
      (file) => change(file, "insert into schema_migrations values (999, '0999_later', 'x', 1)"),
      'newer version',
    ],
    [
      'is from another build',
      (file) => change(file, "update schema_migrations set hash = 'x' where position = 1"),
      'another build',
    ],
    ['lacks a trigger that protects the audit trail', (file) => change(file, dropTrigger), 'is missing'],
    [
      'has an extra trigger',
      (file) => change(file, 'create trigger sleeper after insert on keys begin delete from sessions; end'),
      'not part of this version',
    ],
    ['has a changed audit entry', (file) => changeEntry(file, 5), 'Entry 5 was changed'],
  ];

  it.each(cases)('%s', async (_what, damage, message) => {
    const app = await testApp();
    await addAuditEntries(app, 20);
    const file = await backupOf(app);
    await closeApp(app);
    const { dataDir } = app.config;
    const path = databaseFile({ dataDir });
    const [files, before] = [readdirSync(dataDir).sort(), readFileSync(path)];
    damage(file);
    const { code, out, err } = await restore(file, dataDir);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(message);
    expect(readFileSync(path).equals(before)).toBe(true);
    expect(readdirSync(dataDir).sort()).toEqual([...new Set([...files, 'in-use.lock'])].sort());
  });

  const restore = (file: string, dataDir: string) => runCli(['restore', file], dataDir);

  it('does not contain the saved head', async () => {
    const app = await testApp();
    await addAuditEntries(app, 5);
    const file = await backupOf(app);
    await addAuditEntries(app, 1);
    const head = formatHead(await readHead(app.db.read));
    const dataDir = temporaryFolder();
    expect(await runCli(['restore', file, '--head', head], dataDir)).toMatchObject({
      code: 2,
      err: expect.stringContaining('the last entries were removed'),
    });
    expect(existsSync(databaseFile({ dataDir }))).toBe(false);
  });

  it.each([
    ['does not exist', 'missing', /^There is no file .+missing\.$/],
    ['is a directory', '.', /isn't a file\. Name the backup file\.$/],
  ])('%s', async (_what, name, message) => {
    const dataDir = temporaryFolder();
    const { code, err } = await restore(join(dataDir, name), dataDir);
    expect([code, err]).toEqual([2, expect.stringMatching(message)]);
    expect(readdirSync(dataDir)).toEqual([]);
  });

  it('is fine but a server is running', async () => {
    const app = await testApp();
    const file = await backupOf(app);
    const lock = acquireDataDirLock(app.config);
    expect(await restore(file, app.config.dataDir)).toMatchObject({
      code: 2,
      err: expect.stringContaining('Another server, or a restore, is using'),
    });
    lock.release();
  });

  it('is fine but another program has the database open', async () => {
    const app = await testApp(); // stays open
    const file = await backupOf(app);
    expect(await restore(file, app.config.dataDir)).toMatchObject({
      code: 2,
      err: expect.stringContaining('Another program'),
    });
    expect(await app.db.read.select().from(users)).toEqual([]);
  });
});
