import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { desc, eq } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { mintRawKey } from '~/crypto/key-format.server';
import { rotateMasterKey } from '~/master-key/master-key-rotation.server';
import type { App } from '~/server/create-app.server';
import { auditEntries, toolCredentials, tools as toolsTable } from '~db/schema';
import { callConcurrently, callerAs, reasonOf, testApp } from '../helpers/app';
import { addTool, addUser } from '../helpers/factories';

const SECRET = 'sk-proj-0123456789abcdefghij';

async function withAdmin() {
  const app = await testApp();
  const admin = await addUser(app, 'admin');
  return { app, admin, tools: callerAs(app, admin.id).tools };
}

const lastEntry = async (app: App) =>
  (await app.db.read.select().from(auditEntries).orderBy(desc(auditEntries.seq)).limit(1))[0];

/** What the gateway would send for the tool with this slug. */
async function openedFor(app: App, slug: string): Promise<string | null> {
  const [row] = await app.db.read
    .select({ credential: toolCredentials })
    .from(toolCredentials)
    .innerJoin(toolsTable, eq(toolsTable.id, toolCredentials.toolId))
    .where(eq(toolsTable.slug, slug));
  return row === undefined ? null : app.encryption.open(row.credential.toolId, row.credential);
}

describe('tools.setCredential', () => {
  it('encrypts the credential for the gateway and returns only when and by whom it was set', async () => {
    const { app, admin, tools } = await withAdmin();
    const view = await tools.setCredential({ tool: 'openai', credential: `  ${SECRET}\n` });
    expect(view).toMatchObject({ connected: true, credential: { setBy: admin.name } });
    expect(JSON.stringify(view)).not.toContain(SECRET);
    expect(await openedFor(app, 'openai')).toBe(SECRET);
  });

  it('replaces a credential and records that, without its value', async () => {
    const { app, tools } = await withAdmin();
    await tools.setCredential({ tool: 'openai', credential: SECRET });
    expect(await lastEntry(app)).toMatchObject({
      action: 'credential.set',
      details: '{"replaced":false,"tool":"openai"}',
    });
    await tools.setCredential({ tool: 'openai', credential: 'sk-another' });
    expect((await lastEntry(app))?.details).toBe('{"replaced":true,"tool":"openai"}');
    expect(await openedFor(app, 'openai')).toBe('sk-another');
    const trail = JSON.stringify(await app.db.read.select().from(auditEntries));
    expect(trail).not.toContain(SECRET);
  });

  it('leaves no plain text in the database files', async () => {
    const { app, tools } = await withAdmin();
    await tools.setCredential({ tool: 'openai', credential: SECRET });
    for (const name of ['my-ai-keys.sqlite', 'my-ai-keys.sqlite-wal']) {
      expect(readFileSync(join(app.config.dataDir, name)).includes(SECRET)).toBe(false);
    }
  });

  it('encrypts with the new master key after a rotation by another process', async () => {
    const { app, tools } = await withAdmin();
    // A server that doesn't know of the rotation yet.
    const { encryption } = app;
    const [before, stale] = [
      encryption.keyId,
      { ...app, encryption: { ...encryption, use: () => undefined } },
    ];
    await rotateMasterKey(stale);
    expect(encryption.keyId).toBe(before);
    await tools.setCredential({ tool: 'openai', credential: SECRET });
    const [row] = await app.db.read.select().from(toolCredentials);
    expect(row?.masterKeyId).not.toBe(before);
    expect(await openedFor(app, 'openai')).toBe(SECRET);
  });

  it('keeps the last of 20 concurrent values', async () => {
    const { app, tools } = await withAdmin();
    const secrets = Array.from({ length: 20 }, (_, index) => `sk-${index}`);
    await Promise.all(secrets.map((credential) => tools.setCredential({ tool: 'openai', credential })));
    expect(await openedFor(app, 'openai')).toBe('sk-19');
  });

  it.each([
    ['an empty credential', ''],
    ['two lines', 'sk-one\nsk-two'],
    ['a character that is invalid in headers', 'sk-käse'],
  ])('refuses %s', async (_, credential) => {
    const { app, tools } = await withAdmin();
    expect(await reasonOf(tools.setCredential({ tool: 'openai', credential }))).toBe('invalid-input');
    expect(await openedFor(app, 'openai')).toBeNull();
  });

  it('refuses a My AI Keys key and a “Bearer” prefix, without repeating the text', async () => {
    const { tools } = await withAdmin();
    const { rawKey } = mintRawKey('production');
    for (const credential of [rawKey, `Bearer ${SECRET}`]) {
      const call = tools.setCredential({ tool: 'openai', credential });
      expect(await reasonOf(call)).toBe('invalid-credential');
      await expect(call).rejects.not.toThrow(credential);
    }
  });

  it('accepts a whole header value for a generic tool', async () => {
    const { app, tools } = await withAdmin();
    await addTool(app, { slug: 'internal', dialect: 'generic', credentialHeader: 'authorization' });
    await tools.setCredential({ tool: 'internal', credential: 'Token abc' });
    expect(await openedFor(app, 'internal')).toBe('Token abc');
  });

  it('refuses the built-in tool and unknown tools', async () => {
    const { tools } = await withAdmin();
    const input = { tool: 'openai', credential: SECRET };
    expect(await reasonOf(tools.setCredential({ ...input, tool: 'echo' }))).toBe('builtin-tool');
    expect(await reasonOf(tools.setCredential({ ...input, tool: 'nowhere' }))).toBe('tool-not-found');
  });
});

describe('tools.removeCredential', () => {
  it('removes and records the credential once for 20 concurrent calls', async () => {
    const { app, tools } = await withAdmin();
    await tools.setCredential({ tool: 'openai', credential: SECRET });
    const { values } = await callConcurrently(20, () => tools.removeCredential({ tool: 'openai' }));
    expect(values).toHaveLength(1);
    expect(await openedFor(app, 'openai')).toBeNull();
    expect(await lastEntry(app)).toMatchObject({ action: 'credential.removed' });
    expect((await tools.get({ tool: 'openai' })).connected).toBe(false);
  });

  it('refuses unknown tools and tools without a credential', async () => {
    const { tools } = await withAdmin();
    expect(await reasonOf(tools.removeCredential({ tool: 'openai' }))).toBe('unchanged');
    expect(await reasonOf(tools.removeCredential({ tool: 'nowhere' }))).toBe('tool-not-found');
  });
});
