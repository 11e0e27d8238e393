import { eq } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { databaseFile } from '~/core/config.server';
import type { App } from '~/server/create-app.server';
import { users } from '~db/schema';
import { reasonOf, temporaryFolder, testApp } from '../helpers/app';
import { auditEntriesOf } from '../helpers/audit';
import { runCli } from '../helpers/cli';
import { addUser } from '../helpers/factories';
import { GOOD_PASSWORD, inviteAndJoin, setUpAdmin, visitor } from '../helpers/visitor';

const EMAIL = 'rescue@example.com';

const signIn = (app: App, email: string, password: string) =>
  visitor(app).call((api) => api.auth.signIn({ email, password }));

describe('admin create', () => {
  it('creates an admin who can sign in while the server runs, and records it', async () => {
    const app = await testApp();
    await setUpAdmin(app);
    const { code, out, err } = await runCli(
      ['admin', 'create', ' Rescue@Example.com', '--name', 'Res Cue'],
      app.config.dataDir,
      { secret: GOOD_PASSWORD },
    );
    expect([code, err]).toEqual([0, '']);
    expect(out).not.toContain('no database');
    expect(out).not.toContain(GOOD_PASSWORD);
    expect(await signIn(app, EMAIL, GOOD_PASSWORD)).toMatchObject({ name: 'Res Cue', role: 'admin' });
    const [, entry] = await auditEntriesOf(app, 'user.created');
    expect(entry).toMatchObject({
      actorId: null,
      details: { email: EMAIL, role: 'admin', from: 'command line' },
    });
  });

  it('creates the first admin before the first start, which then prints no setup link', async () => {
    const DATA_DIR = temporaryFolder();
    const { code, out } = await runCli(['admin', 'create', EMAIL, '--generate'], DATA_DIR);
    expect(code).toBe(0);
    expect(out).toContain(
      `There was no database at ${databaseFile({ dataDir: DATA_DIR })}. Created a new one.`,
    );
    const password = /password is (\S+) /.exec(out)?.[1] ?? '';
    expect(password).toMatch(/^([a-z2-9]{5}-){3}[a-z2-9]{5}$/);
    const app = await testApp({ DATA_DIR });
    expect(app.setupToken).toBeNull();
    expect(await signIn(app, EMAIL, password)).toMatchObject({ name: 'rescue', role: 'admin' });
  });

  it.each([
    [EMAIL, '', 'No password given'],
    [EMAIL, 'too short', 'at least 12 characters'],
    [EMAIL, 'password1234', 'too easy to guess'],
    ['taken@example.com', GOOD_PASSWORD, '`admin reset-password taken@example.com`'],
    ['nobody', GOOD_PASSWORD, 'Enter an email address'],
  ])('creates no account for %s with the password %j', async (email, secret, message) => {
    const app = await testApp();
    await addUser(app, 'member', 'Taken');
    const { code, err } = await runCli(['admin', 'create', email], app.config.dataDir, { secret });
    expect(code).toBe(2);
    expect(err).toContain(message);
    expect(await app.db.read.select().from(users)).toHaveLength(1);
  });

  it('does not accept a password as an argument', async () => {
    const app = await testApp();
    const args = ['admin', 'create', EMAIL, GOOD_PASSWORD];
    expect(await runCli(args, app.config.dataDir)).toMatchObject({
      code: 2,
      err: expect.stringContaining('has no argument'),
    });
    expect(await runCli(['admin', 'create', EMAIL, '--password=x'], app.config.dataDir)).toMatchObject({
      code: 2,
      err: expect.stringContaining('no option --password'),
    });
  });
});

describe('admin reset-password', () => {
  it('sets a new password, ends the sessions, and records it without the password', async () => {
    const app = await testApp();
    const admin = await setUpAdmin(app);
    const member = await inviteAndJoin(app, admin, 'mara@example.com');
    const { code, out } = await runCli(
      ['admin', 'reset-password', 'mara@example.com', '--generate'],
      app.config.dataDir,
    );
    expect(code).toBe(0);
    expect(out).toContain('Sessions ended: 1.');
    const password = /password is (\S+) /.exec(out)?.[1] ?? '';
    expect(await reasonOf(member.call((api) => api.keys.mine()))).toBe('signed-out');
    expect(await reasonOf(signIn(app, 'mara@example.com', GOOD_PASSWORD))).toBe('sign-in-failed');
    expect(await signIn(app, 'mara@example.com', password)).toMatchObject({ role: 'member' });
    await admin.call((api) => api.keys.mine()); // other users' sessions continue
    const [entry] = await auditEntriesOf(app, 'password.reset');
    expect(entry).toMatchObject({ subject: `user:${member.id}`, actorId: null });
    expect(JSON.stringify(entry)).not.toContain(password);
  });

  it('warns that a disabled account stays disabled', async () => {
    const app = await testApp();
    const { email, id } = await addUser(app);
    await app.db.write(
      async (tx) => void (await tx.update(users).set({ disabledAt: 1 }).where(eq(users.id, id))),
    );
    const { code, out } = await runCli(['admin', 'reset-password', email], app.config.dataDir, {
      secret: GOOD_PASSWORD,
    });
    expect(code).toBe(0);
    expect(out).toContain('is disabled');
    expect(await reasonOf(signIn(app, email, GOOD_PASSWORD))).toBe('sign-in-failed');
  });

  it.each([
    ['nobody@example.com', GOOD_PASSWORD, 'There is no such user.'],
    ['ada@example.com', 'ada@example.com', 'too easy to guess'],
  ])('ends no session if %s with the password %j is invalid', async (email, secret, message) => {
    const app = await testApp();
    const admin = await setUpAdmin(app);
    const { code, err } = await runCli(['admin', 'reset-password', email], app.config.dataDir, { secret });
    expect(code).toBe(2);
    expect(err).toContain(message);
    await admin.call((api) => api.keys.mine());
  });
});
