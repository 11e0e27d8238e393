import { and, eq, isNotNull, isNull, ne, type SQL } from 'drizzle-orm';
import type { AppContext } from '~/app-context.server';
import type { AuditAction } from '~/audit/audit-actions';
import { type Actor, record } from '~/audit/record.server';
import { err, ok, type Result } from '~/core/result';
import { tools } from '~db/schema';
import { announceTool, subjectOf, type ToolChange, toolChange } from './select-tools.server';
import type { ToolView } from './tools.schema';

type Needs = Pick<AppContext, 'db' | 'events' | 'now'>;

/**
 * Says whether production keys of a tool need an admin's approval from now on; keys and requests that exist
 * stay as they are. Asking for what is so already is answered, and leaves no trace. Refuses: tool-not-found.
 */
export async function setRequiresApproval(
  app: Needs,
  actor: Actor,
  { tool, requiresApproval }: { tool: string; requiresApproval: boolean },
): Promise<Result<ToolView>> {
  const outcome = await turn(app, actor, tool, {
    change: () => ({ requiresApproval }),
    where: ne(tools.requiresApproval, requiresApproval),
    action: requiresApproval ? 'tool.approval_required' : 'tool.approval_waived',
  });
  return announceTool(app, outcome);
}

/** Hides a tool from members and stops its keys at the gateway. Refuses: tool-not-found, unchanged. */
export async function archiveTool(app: Needs, actor: Actor, slug: string): Promise<Result<ToolView>> {
  const outcome = await turn(app, actor, slug, {
    change: (at) => ({ archivedAt: at }),
    where: isNull(tools.archivedAt),
    action: 'tool.archived',
  });
  return announceTool(app, refuseUnchanged(outcome, 'archived'));
}

/** Brings an archived tool and its keys back. Refuses: tool-not-found, unchanged. */
export async function restoreTool(app: Needs, actor: Actor, slug: string): Promise<Result<ToolView>> {
  const outcome = await turn(app, actor, slug, {
    change: () => ({ archivedAt: null }),
    where: isNotNull(tools.archivedAt),
    action: 'tool.restored',
  });
  return announceTool(app, refuseUnchanged(outcome, 'in use'));
}

interface Turn {
  /** What becomes of the tool, at the very time that the audit entry names. */
  change: (at: number) => Partial<typeof tools.$inferInsert>;
  /** True of a tool that is not as wanted yet. */
  where: SQL;
  action: AuditAction;
}

/** One conditional update with its audit entry: of many at once, one changes the tool. */
async function turn(
  app: Needs,
  actor: Actor,
  slug: string,
  { change, where, action }: Turn,
): Promise<Result<ToolChange>> {
  const at = app.now();
  return await app.db.write(async (tx): Promise<Result<ToolChange>> => {
    const [changed] = await tx
      .update(tools)
      .set(change(at))
      .where(and(eq(tools.slug, slug), where))
      .returning({ id: tools.id });
    if (changed === undefined) {
      const [known] = await tx.select({ id: tools.id }).from(tools).where(eq(tools.slug, slug));
      return known === undefined ? err('tool-not-found') : ok(await toolChange(tx, known.id, false));
    }
    await record(tx, { at, by: actor, action, ...subjectOf(changed.id), details: { tool: slug } });
    return ok(await toolChange(tx, changed.id, true));
  });
}

function refuseUnchanged(outcome: Result<ToolChange>, state: string): Result<ToolChange> {
  return outcome.ok && !outcome.value.changed ? err('unchanged', { state }) : outcome;
}
