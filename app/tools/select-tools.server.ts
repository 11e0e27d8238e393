import { and, asc, eq, exists, inArray, sql } from 'drizzle-orm';
import type { AppContext } from '~/app-context.server';
import { ok, type Result } from '~/core/result';
import { isLiveKey } from '~/keys/key-conditions.server';
import type { Queries } from '~db/database';
import { keys, toolCredentials, tools, users } from '~db/schema';
import { clientPath, modelsPath } from './tool-paths';
import type { ToolForMember, ToolView } from './tools.schema';

/**
 * The columns of a tool for people. The credential is never among them; the upstream URL is, and is left out
 * of what members get.
 */
const columns = {
  tool: tools,
  credentialSetAt: toolCredentials.setAt,
  credentialSetBy: users.name,
};

/** Tools with what is known of their credentials, by name. */
export const selectTools = (queries: Queries) =>
  queries
    .select(columns)
    .from(tools)
    .leftJoin(toolCredentials, eq(toolCredentials.toolId, tools.id))
    .leftJoin(users, eq(users.id, toolCredentials.setBy))
    .orderBy(asc(sql`lower(${tools.displayName})`), asc(tools.slug))
    .$dynamic();

export type ToolRow = Awaited<ReturnType<typeof selectTools>>[number];

/** What every member may know of a tool. */
export function toMemberView({ tool, credentialSetAt }: ToolRow): ToolForMember {
  const { slug, displayName, requiresApproval, preset, dialect, credentialHeader } = tool;
  return {
    slug,
    displayName,
    requiresApproval,
    preset,
    dialect,
    clientPath: clientPath(tool),
    modelsPath: modelsPath(tool),
    credentialHeader,
    connected: !tool.needsCredential || credentialSetAt !== null,
  };
}

/** What admins know of these tools. */
export async function toAdminView(queries: Queries, rows: ToolRow[]): Promise<ToolView[]> {
  const live = await countLiveKeys(queries);
  const ids = rows.map(({ tool }) => tool.id);
  const anyKey = queries.select({ one: sql`1` }).from(keys).where(eq(keys.toolId, tools.id));
  const requested = await queries
    .select({ toolId: tools.id })
    .from(tools)
    .where(and(inArray(tools.id, ids), exists(anyKey)));
  const fixed = new Set(requested.map(({ toolId }) => toolId));
  return rows.map((row) => {
    const { tool, credentialSetAt, credentialSetBy } = row;
    return {
      ...toMemberView(row),
      id: tool.id,
      upstreamUrl: tool.upstreamUrl,
      needsCredential: tool.needsCredential,
      allowsPlainHttp: tool.allowsPlainHttp,
      headersTimeoutMs: tool.headersTimeoutMs,
      maxConcurrentPerKey: tool.maxConcurrentPerKey,
      maxConcurrent: tool.maxConcurrent,
      createdAt: tool.createdAt,
      archivedAt: tool.archivedAt,
      credential: credentialSetAt === null ? null : { setAt: credentialSetAt, setBy: credentialSetBy ?? '' },
      slugFixed: fixed.has(tool.id),
      liveKeys: live.get(tool.id) ?? 0,
    };
  });
}

async function countLiveKeys(queries: Queries): Promise<Map<string, number>> {
  const rows = await queries
    .select({ toolId: keys.toolId, amount: sql<number>`count(*)` })
    .from(keys)
    .where(isLiveKey)
    .groupBy(keys.toolId);
  return new Map(rows.map(({ toolId, amount }) => [toolId, amount]));
}

/** The tool that a transaction was about, as it is now, and whether it was changed. */
export interface ToolChange {
  tool: ToolView;
  changed: boolean;
}

/**
 * What a transaction answers of its tool. Read within it: a read that failed after the commit would tell of an
 * error, and that nothing was changed, when all was.
 */
export async function toolChange(tx: Queries, id: string, changed: boolean): Promise<ToolChange> {
  const [tool] = await toAdminView(tx, await selectTools(tx).where(eq(tools.id, id)));
  if (tool === undefined) throw new Error(`tool ${id} was written and cannot be read`);
  return { tool, changed };
}

/** Tells pages and gateway of a change, after its commit; answers the tool. */
export function announceTool(
  { events }: Pick<AppContext, 'events'>,
  outcome: Result<ToolChange>,
): Result<ToolView> {
  if (!outcome.ok) return outcome;
  const { tool, changed } = outcome.value;
  if (changed) events.emit('tool-changed', { toolId: tool.id });
  return ok(tool);
}

/** How audit entries name a tool. */
export const subjectOf = (id: string) => ({ subject: `tool:${id}` as const, toolId: id });
