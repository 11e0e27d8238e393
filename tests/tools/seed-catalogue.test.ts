import { eq } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { readConfig } from '~/core/config.server';
import { createLogger } from '~/core/logger.server';
import { closeApp, createApp } from '~/server/create-app.server';
import { ECHO, presets } from '~/tools/presets';
import { auditEntries, tools } from '~db/schema';
import { temporaryFolder, testApp } from '../helpers/app';

const start = (folder: string) => {
  const config = readConfig({ DATA_DIR: folder, LOG_LEVEL: 'silent' });
  return createApp(config, createLogger(config));
};

describe('seedCatalogue', () => {
  it('adds OpenAI, Anthropic, Gemini and Mistral with approval, and Echo without approval or upstream', async () => {
    const app = await testApp();
    const rows = await app.db.read.select().from(tools).orderBy(tools.slug);
    expect(rows.map(({ slug, requiresApproval }) => [slug, requiresApproval])).toEqual([
      ['anthropic', true],
      ['echo', false],
      ['gemini', true],
      ['mistral', true],
      ['openai', true],
    ]);
    const echo = rows.find(({ slug }) => slug === 'echo');
    expect(echo).toMatchObject({ upstreamUrl: null, needsCredential: false, dialect: 'openai' });
  });

  it('records each tool on the audit trail as added by the server', async () => {
    const app = await testApp();
    const entries = await app.db.read.select().from(auditEntries).orderBy(auditEntries.seq);
    const rows = await app.db.read.select().from(tools);
    expect(entries.map(({ action, actorId }) => [action, actorId])).toEqual(
      rows.map(() => ['tool.created', null]),
    );
    expect(entries.map(({ toolId }) => toolId).sort()).toEqual(rows.map(({ id }) => id).sort());
  });

  it('adds nothing at the next start, even after a tool was archived and another renamed', async () => {
    const folder = temporaryFolder();
    const first = await start(folder);
    await first.db.write(async (tx) => {
      await tx.update(tools).set({ archivedAt: 1 }).where(eq(tools.slug, 'openai'));
      await tx.update(tools).set({ slug: 'claude' }).where(eq(tools.slug, 'anthropic'));
    });
    await closeApp(first);
    const second = await start(folder);
    const rows = await second.db.read.select({ slug: tools.slug }).from(tools).orderBy(tools.slug);
    await closeApp(second);
    expect(rows.map(({ slug }) => slug)).toEqual(['claude', 'echo', 'gemini', 'mistral', 'openai']);
  });
});

describe('presets', () => {
  it('have unique ids and slugs', () => {
    const all = [...presets, ECHO];
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    expect(new Set(all.map(({ slug }) => slug)).size).toBe(all.length);
  });

  it('have HTTPS upstreams without a trailing slash, except for Ollama on this machine', () => {
    for (const { id, upstreamUrl } of presets) {
      expect(upstreamUrl).toMatch(id === 'ollama' ? /^http:\/\/127\.0\.0\.1:\d+$/ : /^https:\/\/.*[^/]$/);
    }
  });
});
