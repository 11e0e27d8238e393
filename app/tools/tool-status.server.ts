import { and, eq, isNotNull, isNull, ne, type SQL } from 'drizzle-orm';
import type { ChangeContext } from '~/app-context.server';
import type { AuditAction } from '~/audit/audit-actions';
import { type Actor, record } from '~/audit/record.server';
import { err, ok, type Result } from '~/core/result';
import { tools } from '~db/schema';
import { announceTool, readToolChange, type ToolChange, toolSubject } from './select-tools.server';
import type { ToolView } from './tools.schema';

/**
 * Sets whether production keys need approval from now on. Existing keys and requests don't change. Without a difference it
 * succeeds and records nothing. Errors: tool-not-found.
 */
export async function setRequiresApproval(
  app: ChangeContext,
  actor: Actor,
  { tool, requiresApproval }: { tool: string; requiresApproval: boolean },
): Promise<Result<ToolView>> {
  const outcome = await changeStatus(app, actor, tool, {
    set: () => ({ requiresApproval }),
    where: ne(tools.requiresApproval, requiresApproval),
    action: requiresApproval ? 'tool.approval_required' : 'tool.approval_waived',
  });
  return announceTool(app, outcome);
}

/** Hides a tool from members and stops its keys at the gateway. Errors: tool-not-found, unchanged. */
export async function archiveTool(app: ChangeContext, actor: Actor, slug: string): Promise<Result<ToolView>> {
  const outcome = await changeStatus(app, actor, slug, {
    set: (at) => ({ archivedAt: at }),
    where: isNull(tools.archivedAt),
    action: 'tool.archived',
  });
  return announceTool(app, unchangedAsError(outcome, 'archived'));
}

/** Shows a tool again; its keys work again. Errors: tool-not-found, unchanged. */
export async function restoreTool(app: ChangeContext, actor: Actor, slug: string): Promise<Result<ToolView>> {
  const outcome = await changeStatus(app, actor, slug, {
    set: () => ({ archivedAt: null }),
    where: isNotNull(tools.archivedAt),
    action: 'tool.restored',
  });
  return announceTool(app, unchangedAsError(outcome, 'in use'));
}

/** One conditional update with its audit entry: of concurrent calls, one changes the tool. */
async function changeStatus(
  app: ChangeContext,
  actor: Actor,
  slug: string,
  change: { set: (at: number) => Partial<typeof tools.$inferInsert>; where: SQL; action: AuditAction },
): Promise<Result<ToolChange>> {
  const at = app.now();
  return await app.db.write(async (tx): Promise<Result<ToolChange>> => {
    const [updated] = await tx
      .update(tools)
      .set(change.set(at))
      .where(and(eq(tools.slug, slug), change.where))
      .returning({ id: tools.id });
    if (updated === undefined) {
      const [tool] = await tx.select({ id: tools.id }).from(tools).where(eq(tools.slug, slug));
      return tool === undefined ? err('tool-not-found') : ok(await readToolChange(tx, tool.id, false));
    }
    const subject = toolSubject(updated.id);
    await record(tx, { at, by: actor, action: change.action, ...subject, details: { tool: slug } });
    return ok(await readToolChange(tx, updated.id, true));
  });
}

function unchangedAsError(outcome: Result<ToolChange>, state: string): Result<ToolChange> {
  return outcome.ok && !outcome.value.changed ? err('unchanged', { state }) : outcome;
}
