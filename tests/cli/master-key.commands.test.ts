import { eq } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import type { App } from '~/server/create-app.server';
import { toolCredentials, tools } from '~db/schema';
import { callerAs, testApp } from '../helpers/app';
import { auditEntriesOf } from '../helpers/audit';
import { runCli } from '../helpers/cli';
import { addUser } from '../helpers/factories';

const OTHER_KEY = { MASTER_KEY: Buffer.alloc(32, 7).toString('base64') };

/** On the data directory of `app`, which stays open like that of a running server. */
const run = (command: string, { config }: App, settings?: Record<string, string>) =>
  runCli(['master-key', ...command.split(' ')], config.dataDir, { settings });

async function withCredential(settings: Record<string, string> = {}) {
  const app = await testApp(settings);
  const { tools: api } = callerAs(app, (await addUser(app, 'admin')).id);
  await api.setCredential({ tool: 'openai', credential: 'sk-secret' });
  return app;
}

async function decryptedCredential(app: App): Promise<string | null> {
  const [row] = await app.db.read
    .select({ credential: toolCredentials })
    .from(toolCredentials)
    .innerJoin(tools, eq(tools.id, toolCredentials.toolId));
  return row === undefined ? null : app.encryption.open(row.credential.toolId, row.credential);
}

describe('master-key rotate', () => {
  it('re-encrypts credentials, which a running server still decrypts', async () => {
    const app = await withCredential();
    const { code, out, err } = await run('rotate', app);
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/^Re-encrypted 1 provider credential with the new master key mk_[0-9a-f]{16}\./);
    expect(out).not.toContain(app.encryption.keyId);
    expect(await decryptedCredential(app)).toBe('sk-secret');
  });

  it('names the file of the new key if the operator provides the key, and fails until it is in use', async () => {
    const app = await withCredential(OTHER_KEY);
    expect((await run('rotate', app, OTHER_KEY)).out).toContain('master.key.next');
    const second = await run('rotate', app, OTHER_KEY);
    expect(second).toMatchObject({ code: 2, err: expect.stringContaining('isn’t finished') });
  });

  it('fails if the master key is wrong', async () => {
    const wrongKey = await run('rotate', await withCredential(), OTHER_KEY);
    expect(wrongKey).toMatchObject({ code: 2, err: expect.stringContaining('credentials of openai') });
  });
});

describe('master-key forget', () => {
  it('keeps credentials that the master key decrypts', async () => {
    const app = await withCredential();
    expect(await run('forget --yes', app)).toMatchObject({
      code: 0,
      out: expect.stringContaining('Nothing to delete'),
    });
    expect(await decryptedCredential(app)).toBe('sk-secret');
  });

  it('lists lost credentials, and deletes them with --yes', async () => {
    const app = await withCredential();
    const listed = await run('forget', app, OTHER_KEY);
    expect(listed).toMatchObject({ code: 0, out: expect.stringContaining('credentials of openai') });
    expect(await decryptedCredential(app)).toBe('sk-secret');
    const deleted = await run('forget --yes', app, OTHER_KEY);
    expect(deleted).toMatchObject({ code: 0, out: expect.stringContaining('Deleted') });
    expect(await auditEntriesOf(app, 'credential.removed')).toMatchObject([
      { actorId: null, details: { tool: 'openai' } },
    ]);
    expect(await decryptedCredential(app)).toBeNull();
  });
});
