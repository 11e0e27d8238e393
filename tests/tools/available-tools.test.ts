import { eq } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { newId } from '~/core/ids.server';
import type { App } from '~/server/create-app.server';
import { keys, requests, tools } from '~db/schema';
import { type Environment, environments, type KeyStatus, keyStatuses } from '~db/schema/enums';
import { callerAs, reasonOf, testApp } from '../helpers/app';
import { addTool, addUser } from '../helpers/factories';

/** A key in this status, straight into the database. */
async function addKey(
  app: App,
  holderId: string,
  toolId: string,
  environment: Environment,
  status: KeyStatus,
): Promise<string> {
  const [id, requestId] = [newId('key'), newId('req')];
  const at = app.now();
  const decided = status === 'PENDING' ? {} : { decidedAt: at };
  const decision = { ACTIVE: 'approved', REJECTED: 'rejected', REVOKED: 'withdrawn', PENDING: null } as const;
  await app.db.write(async (tx) => {
    await tx.insert(requests).values({
      id: requestId,
      requesterId: holderId,
      purpose: 'a test',
      createdAt: at,
      decision: decision[status],
      reason: status === 'REJECTED' ? 'no' : null,
      ...decided,
    });
    await tx.insert(keys).values({
      id,
      requestId,
      holderId,
      toolId,
      environment,
      status,
      createdAt: at,
      revokedAt: status === 'REVOKED' ? at : null,
    });
  });
  return id;
}

const availableTo = async (app: App, userId: string) =>
  (await callerAs(app, userId).tools.available()).map(({ slug }) => slug);

describe('tools.available', () => {
  const choices = [null, ...keyStatuses];
  const combinations = choices.flatMap((development) =>
    choices.flatMap((staging) => choices.map((production) => ({ development, staging, production }))),
  );

  it('lists tools without an ACTIVE key, for every combination of statuses per environment', async () => {
    const app = await testApp();
    const user = await addUser(app);
    expect(combinations).toHaveLength(125);
    const expected: Record<string, boolean> = {};
    for (const combination of combinations) {
      const slug = environments.map((environment) => combination[environment] ?? 'none').join('-');
      const tool = await addTool(app, { slug: slug.toLowerCase() });
      for (const environment of environments) {
        const status = combination[environment];
        if (status !== null) await addKey(app, user.id, tool.id, environment, status);
      }
      expected[tool.slug] = !Object.values(combination).includes('ACTIVE');
    }
    const listed = new Set(await availableTo(app, user.id));
    expect(Object.fromEntries(Object.keys(expected).map((slug) => [slug, listed.has(slug)]))).toEqual(
      expected,
    );
  });

  it('lists a tool with a revoked key until another is ACTIVE', async () => {
    const app = await testApp();
    const user = await addUser(app);
    const tool = await addTool(app, { slug: 'again' });
    await addKey(app, user.id, tool.id, 'development', 'REVOKED');
    expect(await availableTo(app, user.id)).toContain('again');
    await addKey(app, user.id, tool.id, 'development', 'ACTIVE');
    expect(await availableTo(app, user.id)).not.toContain('again');
  });

  it('lists connected tools first', async () => {
    const app = await testApp();
    const user = await addUser(app);
    const listed = async () => {
      const tools = await callerAs(app, user.id).tools.available();
      return tools.map(({ slug, connected }) => (connected ? slug : `${slug}, not connected`));
    };
    expect((await listed()).slice(0, 2)).toEqual(['echo', 'anthropic, not connected']);
    const admin = await addUser(app, 'admin');
    await callerAs(app, admin.id).tools.setCredential({ tool: 'openai', credential: 'sk-of-the-house' });
    expect((await listed()).slice(0, 3)).toEqual(['echo', 'openai', 'anthropic, not connected']);
  });

  it('ignores the keys of other people', async () => {
    const app = await testApp();
    const [user, other] = [await addUser(app), await addUser(app)];
    const tool = await addTool(app, { slug: 'shared' });
    await addKey(app, other.id, tool.id, 'development', 'ACTIVE');
    expect(await availableTo(app, user.id)).toContain('shared');
    expect(await availableTo(app, other.id)).not.toContain('shared');
  });

  it('leaves out archived tools', async () => {
    const app = await testApp();
    const user = await addUser(app);
    await app.db.write((tx) => tx.update(tools).set({ archivedAt: 1 }).where(eq(tools.slug, 'openai')));
    expect(await availableTo(app, user.id)).toEqual(['echo', 'anthropic', 'gemini', 'mistral']);
  });

  it('sorts by name and leaves out the upstream URL', async () => {
    const app = await testApp();
    const user = await addUser(app);
    await addTool(app, { slug: 'z', displayName: 'aardvark', needsCredential: false });
    const listed = await callerAs(app, user.id).tools.available();
    expect(listed.map(({ displayName }) => displayName)).toEqual([
      'aardvark',
      'Echo',
      'Anthropic',
      'Google Gemini',
      'Mistral',
      'OpenAI',
    ]);
    expect(listed[1]).toEqual({
      slug: 'echo',
      displayName: 'Echo',
      requiresApproval: false,
      preset: 'echo',
      dialect: 'openai',
      clientPath: '/v1',
      modelsPath: '/v1/models',
      credentialHeader: null,
      connected: true,
    });
    expect(listed[5]).toMatchObject({ slug: 'openai', requiresApproval: true, connected: false });
  });
});

describe('tools.forRequest', () => {
  it('returns per environment whether approval is needed and the user’s live key', async () => {
    const app = await testApp();
    const [user, other] = [await addUser(app), await addUser(app)];
    const tool = await addTool(app, { slug: 'strict', requiresApproval: true });
    const active = await addKey(app, user.id, tool.id, 'development', 'ACTIVE');
    await addKey(app, user.id, tool.id, 'staging', 'REVOKED');
    const pending = await addKey(app, user.id, tool.id, 'production', 'PENDING');
    await addKey(app, other.id, tool.id, 'staging', 'ACTIVE');
    const answer = await callerAs(app, user.id).tools.forRequest({ tool: 'strict' });
    const since = expect.any(Number);
    expect(answer.tool).toMatchObject({ slug: 'strict', requiresApproval: true, clientPath: '/v1' });
    expect(answer.environments).toEqual([
      { environment: 'development', needsApproval: false, live: { keyId: active, status: 'ACTIVE', since } },
      { environment: 'staging', needsApproval: false, live: null },
      { environment: 'production', needsApproval: true, live: { keyId: pending, status: 'PENDING', since } },
    ]);
  });

  it('needs no approval in any environment when the tool doesn’t require it', async () => {
    const app = await testApp();
    const user = await addUser(app);
    const { environments: offers } = await callerAs(app, user.id).tools.forRequest({ tool: 'echo' });
    expect(offers.map(({ needsApproval }) => needsApproval)).toEqual([false, false, false]);
  });

  it('refuses unknown and archived tools', async () => {
    const app = await testApp();
    const user = await addUser(app);
    await addTool(app, { slug: 'old', archivedAt: 1 });
    const { tools: api } = callerAs(app, user.id);
    expect(await reasonOf(api.forRequest({ tool: 'nowhere' }))).toBe('tool-not-found');
    expect(await reasonOf(api.forRequest({ tool: 'old' }))).toBe('tool-archived');
    expect(await reasonOf(api.forRequest({ tool: '' }))).toBe('invalid-input');
  });
});

describe('tools.forSettings', () => {
  it('returns archived tools too', async () => {
    const app = await testApp();
    const user = await addUser(app);
    await addTool(app, { slug: 'old', archivedAt: 1, upstreamUrl: 'https://gateway.example/v1' });
    const { tools: api } = callerAs(app, user.id);
    expect(await api.forSettings({ tool: 'old' })).toMatchObject({ slug: 'old', clientPath: '' });
    expect(await reasonOf(api.forSettings({ tool: 'nowhere' }))).toBe('tool-not-found');
  });
});
