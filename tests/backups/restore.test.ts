import {
  closeSync,
  copyFileSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
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

/** The application on the folder as a restart finds it. */
const restart = (dataDir: string) => testApp({ DATA_DIR: dataDir });

describe('restore', () => {
  it('brings a backup back on a machine that has nothing', async () => {
    const story = await team();
    const { keyId } = await activeKey(story);
    const head = await readHead(story.app.db.read);
    const file = await backupOf(story.app);
    const folder = temporaryFolder();
    const { code, out, err } = await runCli(['restore', file, '--head', formatHead(head)], folder);
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain(
      `to ${databaseFile({ dataDir: folder })}; its audit trail ends at ${formatHead(head)}.`,
    );
    expect(out).toContain('lives again');
    expect(readdirSync(folder).sort()).toEqual(['in-use.lock', 'my-ai-keys.sqlite']);
    const app = await restart(folder);
    expect(await keyRow(app, keyId)).toEqual(await keyRow(story.app, keyId));
    expect(await auditEntriesOf(app, 'database.restored')).toMatchObject([
      { seq: head.seq + 1, details: { backupHead: formatHead(head) } },
    ]);
    expect(await runCli(['audit', 'verify'], folder)).toMatchObject({ code: 0 });
  });

  it('takes the place of what is there, which is kept whole under another name', async () => {
    const story = await team();
    const file = await backupOf(story.app);
    const { keyId } = await activeKey(story); // after the backup: it is gone with the restore
    await closeApp(story.app);
    const { dataDir } = story.app.config;
    const { code, out } = await runCli(['restore', file], dataDir);
    expect(code).toBe(0);
    const aside = /kept as (\S+)\.$/m.exec(out)?.[1] ?? '';
    const before = new BetterSqlite3(aside, { readonly: true });
    expect(before.prepare('select id from keys').pluck().all()).toEqual([keyId]);
    before.close();
    const app = await restart(dataDir);
    expect(await app.db.read.select().from(keys)).toEqual([]);
  });

  it('lets no key back to life that was revoked since, and nobody back in who was disabled', async () => {
    const story = await team();
    const [revoked, kept] = [await activeKey(story), await activeKey({ ...story, asMember: story.asOther })];
    const file = await backupOf(story.app);
    await story.asMember.keys.revoke({ keyId: revoked.keyId });
    const { revokedAt } = await keyRow(story.app, revoked.keyId);
    await story.asAdmin.users.disable({ userId: story.secondAdmin.id });
    await closeApp(story.app);
    const { dataDir } = story.app.config;
    const { out } = await runCli(['restore', file], dataDir);
    expect(out).toContain('before: 1 keys, 0 requests, 0 service accounts, 1 people, and 0 who were admins.');
    const app = await restart(dataDir);
    expect(await keyRow(app, revoked.keyId)).toMatchObject({ status: 'REVOKED', revokedAt });
    expect(await keyRow(app, kept.keyId)).toMatchObject({ status: 'ACTIVE' });
    expect(await reasonOf(callerAs(app, story.secondAdmin.id).keys.mine())).toBe('signed-out');
    expect(await auditEntriesOf(app, 'key.revoked')).toMatchObject([{ keyId: revoked.keyId, actorId: null }]);
    expect(await auditEntriesOf(app, 'user.disabled')).toHaveLength(1);
    expect(await runCli(['audit', 'verify'], dataDir)).toMatchObject({ code: 0 });
  });

  it('lets no service account work again that was disabled since, nor its keys, and keeps the others', async () => {
    const story = await team();
    const [ended, kept] = [await serviceAccount(story), await serviceAccount(story, 'nightly-report')];
    const [endedKey, keptKey] = [await serviceKey(story, ended), await serviceKey(story, kept)];
    const file = await backupOf(story.app);
    await story.asAdmin.serviceAccounts.disable({ serviceAccountId: ended });
    await closeApp(story.app);
    const { dataDir } = story.app.config;
    const { out } = await runCli(['restore', file], dataDir);
    expect(out).toContain('before: 1 keys, 0 requests, 1 service accounts, 0 people, and 0 who were admins.');
    const app = await restart(dataDir);
    expect(await keyRow(app, endedKey.keyId)).toMatchObject({ status: 'REVOKED' });
    expect(await keyRow(app, keptKey.keyId)).toMatchObject({ status: 'ACTIVE', serviceAccountId: kept });
    const admin = callerAs(app, story.admin.id);
    expect(await admin.serviceAccounts.list({ state: 'disabled' })).toMatchObject([{ id: ended }]);
    expect(await auditEntriesOf(app, 'service_account.disabled')).toMatchObject([
      { actorId: null, subject: `service_account:${ended}`, details: { name: 'ci/deploy' } },
    ]);
    expect(await auditEntriesOf(app, 'key.revoked')).toMatchObject([
      { actorId: null, keyId: endedKey.keyId, details: { holder: ended } },
    ]);
    expect(await runCli(['audit', 'verify'], dataDir)).toMatchObject({ code: 0 });
  });

  it('takes the place of a newer version’s database, and lets no key back to life that was revoked there', async () => {
    const story = await team();
    const { keyId } = await activeKey(story);
    const file = await backupOf(story.app);
    await story.asMember.keys.revoke({ keyId });
    const { write } = story.app.db.connections;
    write.exec(
      "insert into schema_migrations values (999, '0999_later', 'x', 1); create table later (id text)",
    );
    await closeApp(story.app);
    const { dataDir } = story.app.config;
    await expect(restart(dataDir)).rejects.toThrow(/newer version/);
    const { code, out } = await runCli(['restore', file], dataDir);
    expect([code, out]).toEqual([0, expect.stringContaining('before: 1 keys,')]);
    expect(await keyRow(await restart(dataDir), keyId)).toMatchObject({ status: 'REVOKED' });
  });

  it('makes nobody an admin again who was demoted since', async () => {
    const story = await team();
    const file = await backupOf(story.app);
    await story.asAdmin.users.setRole({ userId: story.secondAdmin.id, role: 'member' });
    await closeApp(story.app);
    const { dataDir } = story.app.config;
    const { out } = await runCli(['restore', file], dataDir);
    expect(out).toContain('0 people, and 1 who were admins.');
    expect(out).not.toContain('Nobody is an admin');
    const app = await restart(dataDir);
    expect(await reasonOf(callerAs(app, story.secondAdmin.id).users.list())).toBe('not-admin');
    expect(await auditEntriesOf(app, 'user.demoted')).toMatchObject([{ actorId: null }]);
    expect(await runCli(['audit', 'verify'], dataDir)).toMatchObject({ code: 0 });
  });

  it('says so when nobody is an admin any more, and lets a command make one', async () => {
    const app = await testApp();
    const ada = await addUser(app, 'admin');
    const file = await backupOf(app);
    const next = await addUser(app, 'admin'); // after the backup, which does not know them
    await callerAs(app, next.id).users.setRole({ userId: ada.id, role: 'member' });
    await closeApp(app);
    const { dataDir } = app.config;
    const { code, out } = await runCli(['restore', file], dataDir);
    expect([code, out]).toEqual([0, expect.stringContaining('Nobody is an admin any more')]);
    expect(await runCli(['admin', 'create', 'rescue@example.com', '--generate'], dataDir)).toMatchObject({
      code: 0,
    });
  });

  it('puts no request back into the queue that was withdrawn since, a disabled person’s neither', async () => {
    const story = await team();
    const keyId = await pendingKey(story);
    const others = await pendingKey({ ...story, asMember: story.asOther });
    const file = await backupOf(story.app);
    await story.asMember.keys.withdraw({ keyId });
    await story.asAdmin.users.disable({ userId: story.other.id });
    const { revokedAt } = await keyRow(story.app, others);
    await closeApp(story.app);
    const { dataDir } = story.app.config;
    const { out } = await runCli(['restore', file], dataDir);
    expect(out).toContain('0 keys, 2 requests, 0 service accounts, 1 people');
    const app = await restart(dataDir);
    expect(await keyRow(app, keyId)).toMatchObject({ status: 'REVOKED' });
    expect(await keyRow(app, others)).toMatchObject({ status: 'REVOKED', revokedAt });
    expect(await auditEntriesOf(app, 'key.withdrawn')).toMatchObject([{ actorId: null }, { actorId: null }]);
    expect(await runCli(['audit', 'verify'], dataDir)).toMatchObject({ code: 0 });
  });

  it('ends every session and every open link of the backup', async () => {
    const first = await testApp();
    const admin = await setUpAdmin(first);
    const mara = await joinTeam(first, admin, 'mara@example.com');
    await admin.call((api) => api.users.invite({ email: 'otto@example.com', role: 'member' }));
    await admin.call((api) => api.users.makeResetLink({ userId: mara.id }));
    const folder = temporaryFolder();
    expect(await runCli(['restore', await backupOf(first)], folder)).toMatchObject({ code: 0 });
    const app = await restart(folder);
    expect(await app.db.read.select().from(sessions)).toEqual([]);
    const open = (await app.db.read.select().from(invitations)).filter(
      ({ acceptedAt, revokedAt }) => acceptedAt === null && revokedAt === null,
    );
    expect(open).toEqual([]);
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

  it('takes the place of a damaged database, which is kept', async () => {
    const story = await team();
    const file = await backupOf(story.app);
    await closeApp(story.app);
    const { dataDir } = story.app.config;
    const path = databaseFile({ dataDir });
    writeFileSync(path, 'not a database any more');
    const { code, out } = await runCli(['restore', file], dataDir);
    expect(code).toBe(0);
    const aside = /kept as (\S+)\.$/m.exec(out)?.[1] ?? '';
    expect(readFileSync(aside, 'utf8')).toBe('not a database any more');
    expect(await (await restart(dataDir)).db.read.select().from(users)).toHaveLength(4);
  });

  it('brings a backup of an earlier version to this one', async () => {
    const file = join(temporaryFolder(), 'old.sqlite');
    const sqlite = new BetterSqlite3(file);
    migrate(sqlite, migrations.slice(0, 1));
    sqlite.close();
    const folder = temporaryFolder();
    expect(await runCli(['restore', file], folder)).toMatchObject({ code: 0, err: '' });
    expect(await runCli(['audit', 'verify'], folder)).toMatchObject({ code: 0 });
  });

  it('refuses credentials that the master key does not open, unless told to delete them', async () => {
    const story = await team();
    await story.asAdmin.tools.setCredential({ tool: 'openai', credential: 'sk-of-the-company' });
    const file = await backupOf(story.app);
    const folder = temporaryFolder();
    const refused = await runCli(['restore', file], folder);
    expect(refused).toMatchObject({ code: 2, err: expect.stringContaining('credentials of openai') });
    expect(existsSync(databaseFile({ dataDir: folder }))).toBe(false);

    copyFileSync(join(story.app.config.dataDir, 'master.key'), join(folder, 'master.key'));
    expect(await runCli(['restore', file], folder)).toMatchObject({ code: 0 });

    const other = temporaryFolder();
    const { code, out } = await runCli(['restore', file, '--forget'], other);
    expect([code, out]).toEqual([0, expect.stringContaining('Deleted the credentials of openai.')]);
    expect(await auditEntriesOf(await restart(other), 'credential.removed')).toHaveLength(1);
  });
});

describe('restore refuses, and replaces nothing, when the backup', () => {
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
  const noTriggers = 'drop trigger audit_entries_no_update';
  /** As somebody would who puts the guards back afterwards. */
  const changeEntry = (file: string, seq: number) => {
    const sqlite = new BetterSqlite3(file);
    const guard = sqlite
      .prepare<[], string>("select sql from sqlite_master where name = 'audit_entries_no_update'")
      .pluck()
      .get();
    sqlite.exec(`${noTriggers}; update audit_entries set action = 'x' where seq = ${seq}; ${guard}`);
    sqlite.close();
  };

  const cases: [string, (file: string) => void, string][] = [
    ['is some other file', (file) => writeFileSync(file, 'Dear diary'), 'no backup, or it is damaged'],
    ['is empty', (file) => writeFileSync(file, ''), 'no backup of My AI Keys'],
    ['was cut short', (file) => truncateSync(file, 40_000), ''],
    ['has damaged pages', (file) => overwrite(file, 9 * 4096, 'x'.repeat(20_000)), ''],
    [
      'is a database of another program',
      (file) => {
        writeFileSync(file, '');
        change(file, 'create table notes (text)');
      },
      'no backup of My AI Keys',
    ],
    [
      'is of a newer version',
      (file) => change(file, "insert into schema_migrations values (999, '0999_later', 'x', 1)"),
      'newer version',
    ],
    [
      'is of another build',
      (file) => change(file, "update schema_migrations set hash = 'x' where position = 1"),
      'another build',
    ],
    ['has a guard of the audit trail removed', (file) => change(file, noTriggers), 'is missing'],
    [
      'has a trigger that does not belong there',
      (file) => change(file, 'create trigger sleeper after insert on keys begin delete from sessions; end'),
      'not part of this version',
    ],
    ['has an audit entry changed', (file) => changeEntry(file, 5), 'Entry 5 was changed'],
  ];

  it.each(cases)('%s', async (_what, spoil, words) => {
    const present = await testApp();
    await addAuditEntries(present, 20);
    const file = await backupOf(present);
    await closeApp(present);
    const { dataDir } = present.config;
    const path = databaseFile({ dataDir });
    const [files, before] = [readdirSync(dataDir).sort(), readFileSync(path)];
    spoil(file);
    const { code, out, err } = await refusal(file, dataDir);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(words);
    expect(readFileSync(path).equals(before)).toBe(true);
    expect(readdirSync(dataDir).sort()).toEqual([...new Set([...files, 'in-use.lock'])].sort());
  });

  const refusal = (file: string, dataDir: string) => runCli(['restore', file], dataDir);

  it('does not hold the head that was kept elsewhere', async () => {
    const app = await testApp();
    await addAuditEntries(app, 5);
    const file = await backupOf(app);
    await addAuditEntries(app, 1);
    const head = formatHead(await readHead(app.db.read));
    const folder = temporaryFolder();
    expect(await runCli(['restore', file, '--head', head], folder)).toMatchObject({
      code: 2,
      err: expect.stringContaining('the end was cut off'),
    });
    expect(existsSync(databaseFile({ dataDir: folder }))).toBe(false);
  });

  it('is not there', async () => {
    const folder = temporaryFolder();
    expect(await refusal(join(folder, 'nothing'), folder)).toMatchObject({ code: 2 });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is a folder', async () => {
    const [folder, backups] = [temporaryFolder(), temporaryFolder()];
    expect(await refusal(backups, folder)).toEqual({
      code: 2,
      out: '',
      err: `${backups} is no file. Name the backup itself.`,
    });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is fine, but a server is at work in the folder', async () => {
    const app = await testApp();
    const file = await backupOf(app);
    const hold = acquireDataDirLock(app.config);
    expect(await refusal(file, app.config.dataDir)).toMatchObject({
      code: 2,
      err: expect.stringContaining('Another server, or a restore, is at work'),
    });
    hold.release();
  });

  it('is fine, but another program has the database open', async () => {
    const app = await testApp(); // stays open
    const file = await backupOf(app);
    expect(await refusal(file, app.config.dataDir)).toMatchObject({
      code: 2,
      err: expect.stringContaining('Another program has'),
    });
    expect(await app.db.read.select().from(users)).toEqual([]);
  });
});
