import { desc } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import type { App } from '~/server/create-app.server';
import { presets } from '~/tools/presets';
import { auditEntries } from '~db/schema';
import { callConcurrently, callerAs, reasonOf, testApp } from '../helpers/app';
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
  it('lists every tool by name with its state and counts, without credentials', async () => {
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

  it('filters by part of name or slug, ignoring case, and by state', async () => {
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
});

describe('tools.create', () => {
  it('needs only the id of a preset whose URL is complete', async () => {
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

  it('prefers the input to the preset’s values', async () => {
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

  it('adds, records and announces a custom tool', async () => {
    const { app, admin, announced, tools } = await withAdmin();
    const tool = await tools.create(CUSTOM);
    expect(tool).toMatchObject({ ...CUSTOM, preset: null, clientPath: '', headersTimeoutMs: 600_000 });
    const entry = await lastEntry(app);
    expect(entry).toMatchObject({ action: 'tool.created', actorId: admin.id, toolId: tool.id });
    expect(detailsOf(entry)).toMatchObject({ slug: 'internal', upstreamUrl: CUSTOM.upstreamUrl });
    expect(announced).toEqual([tool.id]);
    expect((await tools.available()).map(({ slug }) => slug)).toContain('internal');
  });

  it('refuses a slug in use, even by an archived tool, and adds one tool for 20 concurrent calls', async () => {
    const { app, tools } = await withAdmin();
    await addTool(app, { slug: 'old', archivedAt: 1 });
    expect(await reasonOf(tools.create({ ...CUSTOM, slug: 'openai' }))).toBe('slug-taken');
    expect(await reasonOf(tools.create({ ...CUSTOM, slug: 'old' }))).toBe('slug-taken');
    const { values } = await callConcurrently(20, () => tools.create(CUSTOM));
    expect(values).toHaveLength(1);
  });

  it.each([
    ['a slug in capitals', { slug: 'Internal' }],
    ['a slug with a slash', { slug: 'a/b' }],
    ['a slug of one letter', { slug: 'a' }],
    ['a reserved slug', { slug: 'new' }],
    ['a name of two lines', { displayName: 'a\nb' }],
    ['an unknown dialect', { dialect: 'soap' as 'openai' }],
    ['no upstream URL', { upstreamUrl: undefined }],
    ['an unknown preset', { preset: 'nowhere' }],
    ['the built-in preset', { preset: 'echo' }],
    ['a reserved header', { credentialHeader: 'Host' }],
    ['a header with a line break', { credentialHeader: 'x-key\r\nx' }],
    ['a timeout of zero', { headersTimeoutMs: 0 }],
    ['a limit of zero', { maxConcurrent: 0 }],
    ['a fractional limit', { maxConcurrentPerKey: 1.5 }],
  ])('refuses %s', async (_, change) => {
    const { tools } = await withAdmin();
    expect(await reasonOf(tools.create({ ...CUSTOM, ...change }))).toBe('invalid-input');
  });

  it.each([
    ['plain http to a public address', 'http://llm.example.org'],
    ['this server', 'http://127.0.0.1:3000/gateway/echo'],
    ['a user name in the URL', 'https://me@llm.example.org'],
    ['a query', 'https://llm.example.org/?key=1'],
    ['a link-local address', 'http://169.254.169.254/latest'],
    ['a host without a scheme', 'llm.example.org'],
  ])('refuses %s as the upstream', async (_, upstreamUrl) => {
    const { tools } = await withAdmin();
    expect(await reasonOf(tools.create({ ...CUSTOM, upstreamUrl }))).toBe('upstream-not-allowed');
  });

  it('allows plain HTTP to a private address, and to a public one if the admin allows it', async () => {
    const { tools } = await withAdmin();
    await tools.create({ ...CUSTOM, upstreamUrl: 'http://10.0.0.7:8080' });
    await tools.create({
      ...CUSTOM,
      slug: 'open',
      upstreamUrl: 'http://llm.example.org',
      allowsPlainHttp: true,
    });
  });

  it('requires a credential header for a generic tool with a credential', async () => {
    const { tools } = await withAdmin();
    const generic = { ...CUSTOM, dialect: 'generic' } as const;
    expect(await reasonOf(tools.create(generic))).toBe('credential-header-required');
    await tools.create({ ...generic, needsCredential: false });
    await tools.create({ ...generic, slug: 'named', credentialHeader: 'X-Token' });
  });
});

describe('tools.update', () => {
  it('changes only the fields in the input and records old and new values', async () => {
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

  it('succeeds and records nothing without a difference', async () => {
    const { app, announced, tools } = await withAdmin();
    const before = (await entries(app)).length;
    await tools.update({ tool: 'mistral', displayName: 'Mistral', requiresApproval: true });
    expect(await entries(app)).toHaveLength(before);
    expect(announced).toEqual([]);
  });

  it('changes the slug only until the first key is requested', async () => {
    const { app, tools } = await withAdmin();
    expect((await tools.update({ tool: 'echo', slug: 'parrot' })).slug).toBe('parrot');
    expect(await reasonOf(tools.get({ tool: 'echo' }))).toBe('tool-not-found');
    expect(await reasonOf(tools.update({ tool: 'echo', displayName: 'Echo' }))).toBe('tool-not-found');
    const { keys } = callerAs(app, (await addUser(app)).id);
    const { key } = await keys.request({ tool: 'parrot', environment: 'development', purpose: 'a try' });
    await keys.revoke({ keyId: key.id });
    expect(await reasonOf(tools.update({ tool: 'parrot', slug: 'echo' }))).toBe('slug-in-use');
    expect((await tools.update({ tool: 'parrot', displayName: 'Parrot' })).slug).toBe('parrot');
  });

  it('deletes the credential when the upstream’s host changes, so it can’t be sent elsewhere', async () => {
    const { app, tools } = await withAdmin();
    await tools.setCredential({ tool: 'openai', credential: 'sk-secret' });
    const sameHost = await tools.update({ tool: 'openai', upstreamUrl: 'https://api.openai.com/v1' });
    expect(sameHost.credential).not.toBeNull();
    for (const upstreamUrl of ['https://evil.example/v1', 'https://api.openai.com:8443/v1']) {
      await tools.setCredential({ tool: 'openai', credential: 'sk-secret' });
      const moved = await tools.update({ tool: 'openai', upstreamUrl });
      expect(moved).toMatchObject({ credential: null, connected: false });
      expect(await lastEntry(app)).toMatchObject({ action: 'credential.removed' });
    }
  });

  it('refuses a forbidden upstream, and a generic tool without a credential header', async () => {
    const { tools } = await withAdmin();
    const refused = tools.update({ tool: 'openai', upstreamUrl: 'http://llm.example.org' });
    expect(await reasonOf(refused)).toBe('upstream-not-allowed');
    expect(await reasonOf(tools.update({ tool: 'openai', dialect: 'generic' }))).toBe(
      'credential-header-required',
    );
    expect(await tools.get({ tool: 'openai' })).toMatchObject({ dialect: 'openai' });
  });

  it('can rename a tool whose upstream is no longer allowed', async () => {
    const { app, tools } = await withAdmin();
    await addTool(app, { slug: 'old', upstreamUrl: 'http://llm.example.org' });
    expect((await tools.update({ tool: 'old', displayName: 'Old' })).displayName).toBe('Old');
  });

  it('can rename the built-in tool, but not give it an upstream', async () => {
    const { tools } = await withAdmin();
    const upstreamUrl = 'https://llm.example.org';
    expect(await reasonOf(tools.update({ tool: 'echo', upstreamUrl }))).toBe('builtin-tool');
    expect(await reasonOf(tools.update({ tool: 'echo', dialect: 'anthropic' }))).toBe('builtin-tool');
    expect(await reasonOf(tools.update({ tool: 'echo', needsCredential: true }))).toBe('builtin-tool');
    expect((await tools.update({ tool: 'echo', displayName: 'Parrot' })).displayName).toBe('Parrot');
  });

  it('refuses a slug in use, and gives it to one of two tools that request it concurrently', async () => {
    const { tools } = await withAdmin();
    expect(await reasonOf(tools.update({ tool: 'echo', slug: 'openai' }))).toBe('slug-taken');
    const both = await Promise.allSettled(
      ['openai', 'gemini'].map((tool) => tools.update({ tool, slug: 'wanted' })),
    );
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });
});
