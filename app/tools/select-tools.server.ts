import { and, asc, count, eq, exists, inArray, sql } from 'drizzle-orm';
import type { AppContext } from '~/app-context.server';
import { ok, type Result } from '~/core/result';
import { isLiveKey } from '~/keys/key-conditions.server';
import type { Queries } from '~db/database';
import { keys, toolCredentials, tools, users } from '~db/schema';
import { clientPath, modelsPath } from './tool-paths';
import type { ToolForMember, ToolView } from './tools.schema';

/** The credential itself is never selected. */
const columns = {
  tool: tools,
  credentialSetAt: toolCredentials.setAt,
  credentialSetBy: users.name,
};

/** Tools by name, each with when and by whom its credential was set. */
export const selectTools = (queries: Queries) =>
  queries
    .select(columns)
    .from(tools)
    .leftJoin(toolCredentials, eq(toolCredentials.toolId, tools.id))
    .leftJoin(users, eq(users.id, toolCredentials.setBy))
    .orderBy(asc(sql`lower(${tools.displayName})`), asc(tools.slug))
    .$dynamic();

export type ToolRow = Awaited<ReturnType<typeof selectTools>>[number];

/** Leaves out what only admins may see, such as the upstream URL. */
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

export async function toAdminView(queries: Queries, rows: ToolRow[]): Promise<ToolView[]> {
  const liveKeys = await countLiveKeys(queries);
  const ids = rows.map(({ tool }) => tool.id);
  const keysOfTool = queries.select({ one: sql`1` }).from(keys).where(eq(keys.toolId, tools.id));
  const toolsWithKeys = await queries
    .select({ toolId: tools.id })
    .from(tools)
    .where(and(inArray(tools.id, ids), exists(keysOfTool)));
  const fixedSlugs = new Set(toolsWithKeys.map(({ toolId }) => toolId));
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
      slugFixed: fixedSlugs.has(tool.id),
      liveKeys: liveKeys.get(tool.id) ?? 0,
    };
  });
}

async function countLiveKeys(queries: Queries): Promise<Map<string, number>> {
  const rows = await queries
    .select({ toolId: keys.toolId, total: count() })
    .from(keys)
    .where(isLiveKey)
    .groupBy(keys.toolId);
  return new Map(rows.map(({ toolId, total }) => [toolId, total]));
}

/** A tool after a transaction, and whether the transaction changed it. */
export interface ToolChange {
  tool: ToolView;
  changed: boolean;
}

/** Read inside the transaction: a read that failed after the commit would report an error although the change was made. */
export async function readToolChange(tx: Queries, id: string, changed: boolean): Promise<ToolChange> {
  const [tool] = await toAdminView(tx, await selectTools(tx).where(eq(tools.id, id)));
  if (tool === undefined) throw new Error(`tool ${id} not found after writing it`);
  return { tool, changed };
}

/** Notifies pages and the gateway after the commit of a change, and returns the tool. */
export function announceTool(
  { events }: Pick<AppContext, 'events'>,
  outcome: Result<ToolChange>,
): Result<ToolView> {
  if (!outcome.ok) return outcome;
  const { tool, changed } = outcome.value;
  if (changed) events.emit('tool-changed', { toolId: tool.id });
  return ok(tool);
}

/** How audit entries refer to a tool. */
export const toolSubject = (id: string) => ({ subject: `tool:${id}` as const, toolId: id });
