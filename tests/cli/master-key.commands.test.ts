import { eq } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { runCommandLine } from '~/cli/run-cli.server';
import { MasterKeyError } from '~/master-key/master-key-files.server';
import type { App } from '~/server/create-app.server';
import { toolCredentials, tools } from '~db/schema';
import { callerAs, temporaryFolder, testApp } from '../helpers/app';
import { addUser } from '../helpers/factories';

const OTHER_KEY = { MASTER_KEY: Buffer.alloc(32, 7).toString('base64') };

/** Runs the words on the data folder of `app`, which stays open, as a running server would have it. */
async function run(words: string[], app: App | null, settings: Record<string, string> = {}) {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runCommandLine(
    words,
    {
      serve: () => Promise.reject(new Error('nothing was to be served')),
      describeError: (error) => (error instanceof MasterKeyError ? error.message : null),
    },
    {
      print: (line) => out.push(line),
      printError: (line) => err.push(line),
      readSecret: () => Promise.reject(new Error('nothing was to be asked')),
      env: { DATA_DIR: app?.config.dataDir ?? temporaryFolder(), ...settings },
    },
  );
  return { code, out: out.join('\n'), err: err.join('\n') };
}

async function withCredential(settings: Record<string, string> = {}) {
  const app = await testApp(settings);
  const { tools: api } = callerAs(app, (await addUser(app, 'admin')).id);
  await api.setCredential({ tool: 'openai', credential: 'sk-secret' });
  return app;
}

async function openedForOpenai(app: App): Promise<string | null> {
  const [row] = await app.db.read
    .select({ credential: toolCredentials })
    .from(toolCredentials)
    .innerJoin(tools, eq(tools.id, toolCredentials.toolId));
  return row === undefined ? null : app.encryption.open(row.credential.toolId, row.credential);
}

describe('master-key rotate', () => {
  it('seals anew while a server runs on the same folder, which goes on opening credentials', async () => {
    const app = await withCredential();
    const { code, out, err } = await run(['master-key', 'rotate'], app);
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/^Sealed 1 provider credential anew under the master key mk_[0-9a-f]{16}\./);
    expect(out).not.toContain(app.encryption.keyId);
    expect(await openedForOpenai(app)).toBe('sk-secret');
  });

  it('tells an operator who brings the key where the new one is, and refuses to go on before it is used', async () => {
    const app = await withCredential(OTHER_KEY);
    expect((await run(['master-key', 'rotate'], app, OTHER_KEY)).out).toContain('master.key.next');
    const again = await run(['master-key', 'rotate'], app, OTHER_KEY);
    expect(again).toMatchObject({ code: 2, err: expect.stringContaining('isn’t finished') });
  });

  it('says so when there is no database, or when the master key is the wrong one', async () => {
    expect(await run(['master-key', 'rotate'], null)).toMatchObject({
      code: 2,
      err: expect.stringContaining('no database'),
    });
    const wrong = await run(['master-key', 'rotate'], await withCredential(), OTHER_KEY);
    expect(wrong).toMatchObject({ code: 2, err: expect.stringContaining('credentials of openai') });
  });
});

describe('master-key forget', () => {
  it('deletes nothing that can be opened', async () => {
    const app = await withCredential();
    expect(await run(['master-key', 'forget', '--yes'], app)).toMatchObject({
      code: 0,
      out: expect.stringContaining('nothing is lost'),
    });
    expect(await openedForOpenai(app)).toBe('sk-secret');
  });

  it('only lists what is lost, and deletes it with --yes', async () => {
    const app = await withCredential();
    const listed = await run(['master-key', 'forget'], app, OTHER_KEY);
    expect(listed).toMatchObject({ code: 0, out: expect.stringContaining('credentials of openai') });
    expect(await openedForOpenai(app)).toBe('sk-secret');
    const deleted = await run(['master-key', 'forget', '--yes'], app, OTHER_KEY);
    expect(deleted).toMatchObject({ code: 0, out: expect.stringContaining('Deleted') });
    expect(await openedForOpenai(app)).toBeNull();
  });
});
