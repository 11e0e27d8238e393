import { and, eq, ne } from 'drizzle-orm';
import type { App } from '~/app.server';
import { type Actor, record } from '~/audit/audit.server';
import { accept, type Outcome, refuse } from '~/errors';
import { tools } from '~db/schema';

type Needs = Pick<App, 'db' | 'events' | 'now'>;

/**
 * Says whether production keys of a tool need an admin's approval from now on; keys and requests that exist
 * stay as they are. Asking for what is so already is answered, and leaves no trace. Refuses: no-such-tool.
 */
export async function setRequiresApproval(
  app: Needs,
  actor: Actor,
  input: { tool: string; requiresApproval: boolean },
): Promise<Outcome<{ slug: string; requiresApproval: boolean }>> {
  const { tool: slug, requiresApproval } = input;
  const outcome = await app.db.write(async (tx): Promise<Outcome<{ changed: string | null }>> => {
    const [changed] = await tx
      .update(tools)
      .set({ requiresApproval })
      .where(and(eq(tools.slug, slug), ne(tools.requiresApproval, requiresApproval)))
      .returning({ id: tools.id });
    if (changed === undefined) {
      const [known] = await tx.select({ id: tools.id }).from(tools).where(eq(tools.slug, slug));
      return known === undefined ? refuse('no-such-tool') : accept({ changed: null });
    }
    await record(tx, {
      at: app.now(),
      by: actor,
      action: requiresApproval ? 'tool.approval_required' : 'tool.approval_waived',
      subject: `tool:${changed.id}`,
      toolId: changed.id,
      details: { tool: slug },
    });
    return accept({ changed: changed.id });
  });
  if (!outcome.ok) return outcome;
  if (outcome.value.changed !== null) app.events.emit('tool-changed', { toolId: outcome.value.changed });
  return accept({ slug, requiresApproval });
}
