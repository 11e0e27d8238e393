import { desc } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import type { App } from '~/server/create-app.server';
import { presets } from '~/tools/presets';
import { auditEntries, tools as toolsTable } from '~db/schema';
import { callerAs, reasonOf, testApp } from '../helpers/app';
import { addTool, addUser } from '../helpers/factories';

const CUSTOM = {
  slug: 'internal',
  displayName: 'Internal model',
  dialect: 'openai',
  upstreamUrl: 'https://llm.example.org/v1',
} as const;

async function withAdmin(settings: Record<string, string> = {}) {
  const app = await testApp(settings);
  const admin = await addUser(app, 'admin');
  const announced: string[] = [];
  app.events.on('tool-changed', ({ toolId }) => announced.push(toolId));
  return { app, admin, announced, tools: callerAs(app, admin.id).tools };
}

const entries = (app: App) => app.db.read.select().from(auditEntries).orderBy(desc(auditEntries.seq));
const lastEntry = async (app: App) => (await entries(app))[0];
const detailsOf = (entry: { details: string } | undefined) => JSON.parse(entry?.details ?? 'null') as unknown;

describe('tools.list', () => {
  it('shows admins every tool by name, with state and counts, and never a credential', async () => {
    const { app, admin, tools } = await withAdmin();
    await tools.setCredential({ tool: 'openai', credential: 'sk-the-secret' });
    await callerAs(app, admin.id).keys.request({
      tool: 'echo',
      environment: 'development',
      purpose: 'a try',
    });
    const listed = await tools.list();
    expect(listed.map(({ slug }) => slug)).toEqual(['anthropic', 'echo', 'gemini', 'mistral', 'openai']);
    expect(listed[1]).toMatchObject({ upstreamUrl: null, liveKeys: 1, slugFixed: true, connected: true });
    expect(listed[4]).toMatchObject({
      upstreamUrl: 'https://api.openai.com',
      liveKeys: 0,
      slugFixed: false,
      connected: true,
      credential: { setAt: expect.any(Number), setBy: admin.name },
    });
    expect(JSON.stringify(listed)).not.toContain('sk-the-secret');
    expect(Object.keys(listed[4]?.credential ?? {})).toEqual(['setAt', 'setBy']);
  });

  it('finds by part of the name or slug in any case, and by state', async () => {
    const { app, tools } = await withAdmin();
    await addTool(app, { slug: 'oe', displayName: 'Ökonomie', archivedAt: 1 });
    const slugs = async (input: Parameters<typeof tools.list>[0]) =>
      (await tools.list(input)).map(({ slug }) => slug);
    expect(await slugs({ query: 'GEM' })).toEqual(['gemini']);
    expect(await slugs({ query: 'ök' })).toEqual(['oe']);
    expect(await slugs({ query: '%' })).toEqual([]);
    expect(await slugs({ state: 'archived' })).toEqual(['oe']);
    expect(await slugs({ state: 'live', query: 'o' })).toEqual(['anthropic', 'echo', 'gemini', 'openai']);
  });

  it('is refused to members, as the presets and a single tool are', async () => {
    const { app, tools } = await withAdmin();
    const member = callerAs(app, (await addUser(app)).id).tools;
    expect(await reasonOf(member.list())).toBe('not-admin');
    expect(await reasonOf(member.presets())).toBe('not-admin');
    expect(await reasonOf(member.get({ tool: 'echo' }))).toBe('not-admin');
    expect(await reasonOf(tools.get({ tool: 'nowhere' }))).toBe('tool-not-found');
    expect(await tools.get({ tool: 'echo' })).toMatchObject({ displayName: 'Echo' });
  });
});

describe('tools.create', () => {
  it('adds each preset with nothing but its id, where its URL is whole', async () => {
    const { tools } = await withAdmin();
    for (const preset of presets.filter(
      ({ id }) => !['openai', 'anthropic', 'gemini', 'mistral'].includes(id),
    )) {
      const call = tools.create({ preset: preset.id });
      if (preset.upstreamIncomplete) {
        expect(await reasonOf(call)).toBe('invalid-input');
        continue;
      }
      expect(await call).toMatchObject({
        slug: preset.slug,
        displayName: preset.displayName,
        upstreamUrl: preset.upstreamUrl,
        preset: preset.id,
        requiresApproval: true,
        connected: !preset.needsCredential,
      });
    }
  });

  it('takes what is given over what the preset proposes', async () => {
    const { tools } = await withAdmin();
    const azure = await tools.create({
      preset: 'azure-openai',
      slug: 'azure-eu',
      upstreamUrl: 'https://team.openai.azure.com/',
      requiresApproval: false,
    });
    expect(azure).toMatchObject({
      slug: 'azure-eu',
      displayName: 'Azure OpenAI',
      upstreamUrl: 'https://team.openai.azure.com',
      dialect: 'generic',
      credentialHeader: 'api-key',
      clientPath: '/openai/v1',
      requiresApproval: false,
    });
  });

  it('adds a custom tool, records who and what, and announces it', async () => {
    const { app, admin, announced, tools } = await withAdmin();
    const tool = await tools.create(CUSTOM);
    expect(tool).toMatchObject({ ...CUSTOM, preset: null, clientPath: '', headersTimeoutMs: 600_000 });
    const entry = await lastEntry(app);
    expect(entry).toMatchObject({ action: 'tool.created', actorId: admin.id, toolId: tool.id });
    expect(detailsOf(entry)).toMatchObject({ slug: 'internal', upstreamUrl: CUSTOM.upstreamUrl });
    expect(announced).toEqual([tool.id]);
    expect((await tools.available()).map(({ slug }) => slug)).toContain('internal');
  });

  it('refuses a slug that is taken, by an archived tool too, and makes one of twenty at once', async () => {
    const { app, tools } = await withAdmin();
    await addTool(app, { slug: 'old', archivedAt: 1 });
    expect(await reasonOf(tools.create({ ...CUSTOM, slug: 'openai' }))).toBe('slug-taken');
    expect(await reasonOf(tools.create({ ...CUSTOM, slug: 'old' }))).toBe('slug-taken');
    const results = await Promise.allSettled(Array.from({ length: 20 }, () => tools.create(CUSTOM)));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it.each([
    ['a slug in capitals', { slug: 'Internal' }],
    ['a slug with a slash', { slug: 'a/b' }],
    ['a slug of one letter', { slug: 'a' }],
    ['the slug of the page that adds tools', { slug: 'new' }],
    ['a name of two lines', { displayName: 'a\nb' }],
    ['an unknown dialect', { dialect: 'soap' as 'openai' }],
    ['no upstream URL', { upstreamUrl: undefined }],
    ['an unknown preset', { preset: 'nowhere' }],
    ['the built-in preset', { preset: 'echo' }],
    ['a header that the connection needs', { credentialHeader: 'Host' }],
    ['a header with a line break', { credentialHeader: 'x-key\r\nx' }],
    ['a timeout of nothing', { headersTimeoutMs: 0 }],
    ['a limit of nothing', { maxConcurrent: 0 }],
    ['a limit and a half', { maxConcurrentPerKey: 1.5 }],
  ])('refuses %s', async (_, change) => {
    const { tools } = await withAdmin();
    expect(await reasonOf(tools.create({ ...CUSTOM, ...change }))).toBe('invalid-input');
  });

  it.each([
    ['plain http to a public address', 'http://llm.example.org'],
    ['it is this server', 'http://127.0.0.1:3000/gateway/echo'],
    ['a user name in the URL', 'https://me@llm.example.org'],
    ['a query', 'https://llm.example.org/?key=1'],
    ['a link-local address', 'http://169.254.169.254/latest'],
    ['no URL', 'llm.example.org'],
  ])('refuses %s as the upstream', async (_, upstreamUrl) => {
    const { tools } = await withAdmin();
    expect(await reasonOf(tools.create({ ...CUSTOM, upstreamUrl }))).toBe('upstream-not-allowed');
  });

  it('allows plain http to a private address, and to a public one where the admin says so', async () => {
    const { tools } = await withAdmin();
    await tools.create({ ...CUSTOM, upstreamUrl: 'http://10.0.0.7:8080' });
    await tools.create({
      ...CUSTOM,
      slug: 'open',
      upstreamUrl: 'http://llm.example.org',
      allowsPlainHttp: true,
    });
  });

  it('refuses a generic tool that needs a credential and names no header for it', async () => {
    const { tools } = await withAdmin();
    const generic = { ...CUSTOM, dialect: 'generic' } as const;
    expect(await reasonOf(tools.create(generic))).toBe('credential-header-required');
    await tools.create({ ...generic, needsCredential: false });
    await tools.create({ ...generic, slug: 'named', credentialHeader: 'X-Token' });
  });

  it('is refused to members and the signed out, and then nothing is added', async () => {
    const { app } = await withAdmin();
    const member = await addUser(app);
    expect(await reasonOf(callerAs(app, member.id).tools.create(CUSTOM))).toBe('not-admin');
    expect(await reasonOf(callerAs(app, null).tools.create(CUSTOM))).toBe('signed-out');
    expect(await app.db.read.select().from(toolsTable)).toHaveLength(5);
  });
});

describe('tools.update', () => {
  it('changes what is given and nothing else, recording each field as it was and is', async () => {
    const { app, announced, tools } = await withAdmin();
    const before = await tools.get({ tool: 'mistral' });
    const after = await tools.update({
      tool: 'mistral',
      displayName: 'Mistral AI',
      headersTimeoutMs: 30_000,
      maxConcurrent: 50,
    });
    expect(after).toEqual({
      ...before,
      displayName: 'Mistral AI',
      headersTimeoutMs: 30_000,
      maxConcurrent: 50,
    });
    const entry = await lastEntry(app);
    expect(entry?.action).toBe('tool.updated');
    expect(detailsOf(entry)).toEqual({
      tool: 'mistral',
      displayName: 'Mistral AI',
      displayNameBefore: 'Mistral',
      headersTimeoutMs: 30_000,
      headersTimeoutMsBefore: 600_000,
      maxConcurrent: 50,
      maxConcurrentBefore: null,
    });
    expect(announced).toEqual([before.id]);
    expect((await tools.update({ tool: 'mistral', maxConcurrent: null })).maxConcurrent).toBeNull();
  });

  it('answers and leaves no trace when nothing changes', async () => {
    const { app, announced, tools } = await withAdmin();
    const before = (await entries(app)).length;
    await tools.update({ tool: 'mistral', displayName: 'Mistral', requiresApproval: true });
    expect(await entries(app)).toHaveLength(before);
    expect(announced).toEqual([]);
  });

  it('renames the slug while no key was ever requested, and never after', async () => {
    const { app, tools } = await withAdmin();
    expect((await tools.update({ tool: 'echo', slug: 'parrot' })).slug).toBe('parrot');
    expect(await reasonOf(tools.get({ tool: 'echo' }))).toBe('tool-not-found');
    const { keys } = callerAs(app, (await addUser(app)).id);
    const { key } = await keys.request({ tool: 'parrot', environment: 'development', purpose: 'a try' });
    await keys.revoke({ keyId: key.id });
    expect(await reasonOf(tools.update({ tool: 'parrot', slug: 'echo' }))).toBe('slug-in-use');
    expect((await tools.update({ tool: 'parrot', displayName: 'Parrot' })).slug).toBe('parrot');
  });

  it('refuses a slug that another tool has', async () => {
    const { tools } = await withAdmin();
    expect(await reasonOf(tools.update({ tool: 'echo', slug: 'openai' }))).toBe('slug-taken');
  });

  it('drops the credential when the upstream’s host changes, so that it cannot be led elsewhere', async () => {
    const { app, tools } = await withAdmin();
    await tools.setCredential({ tool: 'openai', credential: 'sk-secret' });
    const samePlace = await tools.update({ tool: 'openai', upstreamUrl: 'https://api.openai.com/v1' });
    expect(samePlace.credential).not.toBeNull();
    for (const upstreamUrl of ['https://evil.example/v1', 'https://api.openai.com:8443/v1']) {
      await tools.setCredential({ tool: 'openai', credential: 'sk-secret' });
      const moved = await tools.update({ tool: 'openai', upstreamUrl });
      expect(moved).toMatchObject({ credential: null, connected: false });
      expect(await lastEntry(app)).toMatchObject({ action: 'credential.removed' });
    }
  });

  it('refuses an upstream that may not be called, and a generic tool without a header', async () => {
    const { tools } = await withAdmin();
    const refused = tools.update({ tool: 'openai', upstreamUrl: 'http://llm.example.org' });
    expect(await reasonOf(refused)).toBe('upstream-not-allowed');
    expect(await reasonOf(tools.update({ tool: 'openai', dialect: 'generic' }))).toBe(
      'credential-header-required',
    );
    expect(await tools.get({ tool: 'openai' })).toMatchObject({ dialect: 'openai' });
  });

  it('still renames a tool whose upstream is no longer allowed', async () => {
    const { app, tools } = await withAdmin();
    await addTool(app, { slug: 'old', upstreamUrl: 'http://llm.example.org' });
    expect((await tools.update({ tool: 'old', displayName: 'Old' })).displayName).toBe('Old');
  });

  it('leaves the built-in tool its upstream, and lets it be renamed', async () => {
    const { tools } = await withAdmin();
    const upstreamUrl = 'https://llm.example.org';
    expect(await reasonOf(tools.update({ tool: 'echo', upstreamUrl }))).toBe('builtin-tool');
    expect(await reasonOf(tools.update({ tool: 'echo', dialect: 'anthropic' }))).toBe('builtin-tool');
    expect(await reasonOf(tools.update({ tool: 'echo', needsCredential: true }))).toBe('builtin-tool');
    expect((await tools.update({ tool: 'echo', displayName: 'Parrot' })).displayName).toBe('Parrot');
  });

  it('is refused to members and for an unknown tool', async () => {
    const { app, tools } = await withAdmin();
    const input = { tool: 'openai', displayName: 'Mine' };
    const member = await addUser(app);
    expect(await reasonOf(callerAs(app, member.id).tools.update(input))).toBe('not-admin');
    expect(await reasonOf(tools.update({ ...input, tool: 'nowhere' }))).toBe('tool-not-found');
  });

  it('gives one of two tools a slug that both ask for at once', async () => {
    const { tools } = await withAdmin();
    const both = await Promise.allSettled(
      ['openai', 'gemini'].map((tool) => tools.update({ tool, slug: 'wanted' })),
    );
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });
});

describe('archiving and restoring a tool', () => {
  it('hides it from members and brings it back, each with its entry', async () => {
    const { app, announced, tools } = await withAdmin();
    const available = async () => (await tools.available()).map(({ slug }) => slug);
    const archived = await tools.archive({ tool: 'mistral' });
    expect(archived.archivedAt).not.toBeNull();
    expect(await available()).not.toContain('mistral');
    expect(await lastEntry(app)).toMatchObject({ action: 'tool.archived', details: '{"tool":"mistral"}' });
    const restored = await tools.restore({ tool: 'mistral' });
    expect(restored.archivedAt).toBeNull();
    expect(await available()).toContain('mistral');
    expect(await lastEntry(app)).toMatchObject({ action: 'tool.restored', toolId: restored.id });
    expect(announced).toEqual([restored.id, restored.id]);
  });

  it('shows on the keys of those who hold some', async () => {
    const { app, tools } = await withAdmin();
    const holder = callerAs(app, (await addUser(app, 'member')).id);
    await holder.keys.request({ tool: 'echo', environment: 'staging', purpose: 'trying it out' });
    const heldTool = async () => (await holder.keys.mine())[0]?.tool;
    expect(await heldTool()).toEqual({ slug: 'echo', displayName: 'Echo' });
    await tools.archive({ tool: 'echo' });
    expect(await heldTool()).toEqual({ slug: 'echo', displayName: 'Echo', archived: true });
    await tools.restore({ tool: 'echo' });
    expect(await heldTool()).toEqual({ slug: 'echo', displayName: 'Echo' });
  });

  it('is refused when it is so already, and happens once of twenty at once', async () => {
    const { app, tools } = await withAdmin();
    const before = (await entries(app)).length;
    expect(await reasonOf(tools.restore({ tool: 'mistral' }))).toBe('unchanged');
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, () => tools.archive({ tool: 'mistral' })),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await entries(app)).toHaveLength(before + 1);
    expect(await reasonOf(tools.archive({ tool: 'mistral' }))).toBe('unchanged');
  });

  it('is refused to members and for an unknown tool', async () => {
    const { app, tools } = await withAdmin();
    const member = callerAs(app, (await addUser(app)).id).tools;
    expect(await reasonOf(member.archive({ tool: 'openai' }))).toBe('not-admin');
    expect(await reasonOf(member.restore({ tool: 'openai' }))).toBe('not-admin');
    expect(await reasonOf(tools.archive({ tool: 'nowhere' }))).toBe('tool-not-found');
    expect(await reasonOf(tools.restore({ tool: 'nowhere' }))).toBe('tool-not-found');
  });
});
