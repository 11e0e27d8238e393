import { desc } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import type { App } from '~/server/create-app.server';
import { auditEntries, keys, requests } from '~db/schema';
import { callerAs, reasonOf, testApp } from '../helpers/app';
import { addUser } from '../helpers/factories';

const lastEntry = async (app: App) =>
  (await app.db.read.select().from(auditEntries).orderBy(desc(auditEntries.seq)).limit(1))[0];
const countEntries = async (app: App) => (await app.db.read.select().from(auditEntries)).length;

describe('switching requiresApproval', () => {
  it('changes the tool, stands on the audit trail, and is announced', async () => {
    const app = await testApp();
    const admin = await addUser(app, 'admin');
    const announced: string[] = [];
    app.events.on('tool-changed', ({ toolId }) => announced.push(toolId));
    const { tools } = callerAs(app, admin.id);

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

  it('answers and leaves no trace when nothing changes', async () => {
    const app = await testApp();
    const admin = await addUser(app, 'admin');
    const before = await countEntries(app);
    const answer = await callerAs(app, admin.id).tools.setRequiresApproval({
      tool: 'openai',
      requiresApproval: true,
    });
    expect(answer).toMatchObject({ slug: 'openai', requiresApproval: true });
    expect(await countEntries(app)).toBe(before);
  });

  it('leaves every existing key and request as it is', async () => {
    const app = await testApp();
    const [admin, member] = [await addUser(app, 'admin'), await addUser(app)];
    const { keys: api } = callerAs(app, member.id);
    await api.request({ tool: 'openai', environment: 'production', purpose: 'waits' });
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

  it('makes one entry when twenty admins switch it at once', async () => {
    const app = await testApp();
    const admin = await addUser(app, 'admin');
    const before = await countEntries(app);
    const { tools } = callerAs(app, admin.id);
    await Promise.all(
      Array.from({ length: 20 }, () => tools.setRequiresApproval({ tool: 'echo', requiresApproval: true })),
    );
    expect(await countEntries(app)).toBe(before + 1);
  });

  it('is refused to members, to the signed out, for an unknown tool and for what is no switch', async () => {
    const app = await testApp();
    const [admin, member] = [await addUser(app, 'admin'), await addUser(app)];
    const input = { tool: 'openai', requiresApproval: false };
    expect(await reasonOf(callerAs(app, member.id).tools.setRequiresApproval(input))).toBe('not-admin');
    expect(await reasonOf(callerAs(app, null).tools.setRequiresApproval(input))).toBe('signed-out');
    const { tools } = callerAs(app, admin.id);
    expect(await reasonOf(tools.setRequiresApproval({ ...input, tool: 'nowhere' }))).toBe('tool-not-found');
    const noSwitch = { tool: 'openai', requiresApproval: 'no' as unknown as boolean };
    expect(await reasonOf(tools.setRequiresApproval(noSwitch))).toBe('invalid-input');
    expect((await tools.forRequest({ tool: 'openai' })).tool.requiresApproval).toBe(true);
  });
});
