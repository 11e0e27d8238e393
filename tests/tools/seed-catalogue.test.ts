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

describe('the catalogue of a new server', () => {
  it('holds OpenAI, Anthropic, Gemini and Mistral, which ask for approval, and Echo, which does not', async () => {
    const app = await testApp();
    const rows = await app.db.read.select().from(tools).orderBy(tools.slug);
    expect(rows.map(({ slug, requiresApproval }) => [slug, requiresApproval])).toEqual([
      ['anthropic', true],
      ['echo', false],
      ['gemini', true],
      ['mistral', true],
      ['openai', true],
    ]);
  });

  it('gives Echo no upstream and no credential to ask for', async () => {
    const app = await testApp();
    const [echo] = await app.db.read.select().from(tools).where(eq(tools.slug, 'echo'));
    expect(echo).toMatchObject({ upstreamUrl: null, needsCredential: false, dialect: 'openai' });
  });

  it('has an audit entry by the server for each of them', async () => {
    const app = await testApp();
    const entries = await app.db.read.select().from(auditEntries).orderBy(auditEntries.seq);
    const rows = await app.db.read.select().from(tools);
    expect(entries.map(({ action, actorId }) => [action, actorId])).toEqual(
      rows.map(() => ['tool.created', null]),
    );
    expect(entries.map(({ toolId }) => toolId).sort()).toEqual(rows.map(({ id }) => id).sort());
  });

  it('is not filled again at the next start, though a tool was archived and another renamed', async () => {
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

describe('the presets', () => {
  it('have ids and slugs of their own', () => {
    const all = [...presets, ECHO];
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    expect(new Set(all.map(({ slug }) => slug)).size).toBe(all.length);
  });

  it('lead to https upstreams with no trailing slash, but for the model on this machine', () => {
    for (const { id, upstreamUrl } of presets) {
      expect(upstreamUrl).toMatch(id === 'ollama' ? /^http:\/\/127\.0\.0\.1:\d+$/ : /^https:\/\/.*[^/]$/);
    }
  });
});
