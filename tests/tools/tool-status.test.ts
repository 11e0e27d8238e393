import { desc } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import type { App } from '~/server/create-app.server';
import { auditEntries, keys, requests } from '~db/schema';
import { callConcurrently, callerAs, reasonOf, testApp } from '../helpers/app';
import { addUser } from '../helpers/factories';

const lastEntry = async (app: App) =>
  (await app.db.read.select().from(auditEntries).orderBy(desc(auditEntries.seq)).limit(1))[0];
const countEntries = async (app: App) => (await app.db.read.select().from(auditEntries)).length;

async function withAdmin() {
  const app = await testApp();
  const admin = await addUser(app, 'admin');
  const announced: string[] = [];
  app.events.on('tool-changed', ({ toolId }) => announced.push(toolId));
  return { app, admin, announced, tools: callerAs(app, admin.id).tools };
}

describe('tools.setRequiresApproval', () => {
  it('changes, records and announces the tool', async () => {
    const { app, admin, announced, tools } = await withAdmin();

    expect(await tools.setRequiresApproval({ tool: 'echo', requiresApproval: true })).toMatchObject({
      slug: 'echo',
      requiresApproval: true,
    });
    expect((await tools.forRequest({ tool: 'echo' })).tool.requiresApproval).toBe(true);
    expect(await lastEntry(app)).toMatchObject({ action: 'tool.approval_required', actorId: admin.id });

    await tools.setRequiresApproval({ tool: 'echo', requiresApproval: false });
    const waived = await lastEntry(app);
    expect(waived).toMatchObject({ action: 'tool.approval_waived', details: '{"tool":"echo"}' });
    expect(announced).toEqual([waived?.toolId, waived?.toolId]);
  });

  it('succeeds and records nothing without a difference', async () => {
    const { app, tools } = await withAdmin();
    const before = await countEntries(app);
    const answer = await tools.setRequiresApproval({ tool: 'openai', requiresApproval: true });
    expect(answer).toMatchObject({ slug: 'openai', requiresApproval: true });
    expect(await countEntries(app)).toBe(before);
  });

  it('changes no existing key or request', async () => {
    const app = await testApp();
    const [admin, member] = [await addUser(app, 'admin'), await addUser(app)];
    const { keys: api } = callerAs(app, member.id);
    await api.request({ tool: 'openai', environment: 'production', purpose: 'needs approval' });
    await api.request({ tool: 'echo', environment: 'production', purpose: 'issued' });
    const snapshot = async () => [
      await app.db.read.select().from(keys),
      await app.db.read.select().from(requests),
    ];
    const before = await snapshot();
    const { tools } = callerAs(app, admin.id);
    await tools.setRequiresApproval({ tool: 'openai', requiresApproval: false });
    await tools.setRequiresApproval({ tool: 'echo', requiresApproval: true });
    expect(await snapshot()).toEqual(before);
  });

  it('records one entry for 20 concurrent calls', async () => {
    const { app, tools } = await withAdmin();
    const before = await countEntries(app);
    await Promise.all(
      Array.from({ length: 20 }, () => tools.setRequiresApproval({ tool: 'echo', requiresApproval: true })),
    );
    expect(await countEntries(app)).toBe(before + 1);
  });

  it('refuses unknown tools and invalid values', async () => {
    const { tools } = await withAdmin();
    const input = { tool: 'openai', requiresApproval: false };
    expect(await reasonOf(tools.setRequiresApproval({ ...input, tool: 'nowhere' }))).toBe('tool-not-found');
    const invalid = { tool: 'openai', requiresApproval: 'no' as unknown as boolean };
    expect(await reasonOf(tools.setRequiresApproval(invalid))).toBe('invalid-input');
    expect((await tools.forRequest({ tool: 'openai' })).tool.requiresApproval).toBe(true);
  });
});

describe('tools.archive and restore', () => {
  it('hide a tool from members and show it again, each with an audit entry', async () => {
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

  it('mark the tool of existing keys as archived', async () => {
    const { app, tools } = await withAdmin();
    const holder = callerAs(app, (await addUser(app, 'member')).id);
    await holder.keys.request({ tool: 'echo', environment: 'staging', purpose: 'trying it out' });
    const keyTool = async () => (await holder.keys.mine())[0]?.tool;
    expect(await keyTool()).toEqual({ slug: 'echo', displayName: 'Echo' });
    await tools.archive({ tool: 'echo' });
    expect(await keyTool()).toEqual({ slug: 'echo', displayName: 'Echo', archived: true });
    await tools.restore({ tool: 'echo' });
    expect(await keyTool()).toEqual({ slug: 'echo', displayName: 'Echo' });
  });

  it('refuse a tool in that state already, and succeed once for 20 concurrent calls', async () => {
    const { app, tools } = await withAdmin();
    const before = await countEntries(app);
    expect(await reasonOf(tools.restore({ tool: 'mistral' }))).toBe('unchanged');
    const { values } = await callConcurrently(20, () => tools.archive({ tool: 'mistral' }));
    expect(values).toHaveLength(1);
    expect(await countEntries(app)).toBe(before + 1);
    expect(await reasonOf(tools.archive({ tool: 'mistral' }))).toBe('unchanged');
  });

  it('refuse unknown tools', async () => {
    const { tools } = await withAdmin();
    expect(await reasonOf(tools.archive({ tool: 'nowhere' }))).toBe('tool-not-found');
    expect(await reasonOf(tools.restore({ tool: 'nowhere' }))).toBe('tool-not-found');
  });
});
