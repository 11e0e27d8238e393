import { and, eq, isNotNull, isNull, notInArray, sql } from 'drizzle-orm';
import type { AppContext } from '~/app-context.server';
import type { Actor } from '~/audit/record.server';
import { err, ok, type Result } from '~/core/result';
import { isLiveKey } from '~/keys/key-conditions.server';
import { needsApproval } from '~/requests/approval-rule';
import { prepareOnce } from '~db/prepare-once.server';
import { keys, tools } from '~db/schema';
import { environments } from '~db/schema/enums';
import { selectTools, toAdminView, toMemberView } from './select-tools.server';
import type { ListToolsInput, ToolForMember, ToolForRequest, ToolView } from './tools.schema';

const selectAvailableTools = prepareOnce((queries) => {
  // An uncorrelated subquery: it runs once, while `exists` per tool would search all keys of each tool.
  const toolsWithOwnKey = queries
    .select({ toolId: keys.toolId })
    .from(keys)
    .where(and(eq(keys.holderId, sql.placeholder('holder')), eq(keys.status, 'ACTIVE')));
  return selectTools(queries)
    .where(and(isNull(tools.archivedAt), notInArray(tools.id, toolsWithOwnKey)))
    .prepare();
});

/**
 * Tools that aren't archived and for which the actor has no ACTIVE key, by name, connected tools first. A tool with a pending
 * request stays in the list, because the other environments can still be requested.
 */
export async function listAvailableTools(
  { db }: Pick<AppContext, 'db'>,
  actor: Actor,
): Promise<ToolForMember[]> {
  const rows = await selectAvailableTools(db.read).execute({ holder: actor.id });
  return rows.map(toMemberView).sort((a, b) => Number(b.connected) - Number(a.connected));
}

/**
 * A tool for the request drawer: whether each environment needs approval, and the actor's live key there.
 *
 * Errors: tool-not-found, tool-archived.
 */
export async function getToolForRequest(
  { db }: Pick<AppContext, 'db'>,
  actor: Actor,
  slug: string,
): Promise<Result<ToolForRequest>> {
  const [row] = await selectTools(db.read).where(eq(tools.slug, slug));
  if (row === undefined) return err('tool-not-found');
  if (row.tool.archivedAt !== null) return err('tool-archived', { tool: row.tool.displayName });
  const live = await db.read
    .select({
      keyId: keys.id,
      environment: keys.environment,
      status: keys.status,
      since: keys.createdAt,
    })
    .from(keys)
    .where(and(eq(keys.holderId, actor.id), eq(keys.toolId, row.tool.id), isLiveKey));
  return ok({
    tool: toMemberView(row),
    environments: environments.map((environment) => {
      const key = live.find((candidate) => candidate.environment === environment);
      return {
        environment,
        needsApproval: needsApproval(row.tool, environment),
        live: key === undefined ? null : { keyId: key.keyId, status: key.status, since: key.since },
      };
    }),
  });
}

/** A tool for client snippets, archived or not. Errors: tool-not-found. */
export async function getToolForSnippets(
  { db }: Pick<AppContext, 'db'>,
  slug: string,
): Promise<Result<ToolForMember>> {
  const [row] = await selectTools(db.read).where(eq(tools.slug, slug));
  return row === undefined ? err('tool-not-found') : ok(toMemberView(row));
}

const stateConditions = { live: isNull(tools.archivedAt), archived: isNotNull(tools.archivedAt) };

/** The tools that match the filters, for admins, by name. */
export async function listTools(
  { db }: Pick<AppContext, 'db'>,
  { query = '', state }: NonNullable<ListToolsInput> = {},
): Promise<ToolView[]> {
  const rows = await selectTools(db.read).where(state && stateConditions[state]);
  // Compared in JavaScript because SQLite folds the case of ASCII letters only. Tools are few.
  const folded = query.toLowerCase();
  const matching = rows.filter(({ tool }) =>
    `${tool.displayName}\n${tool.slug}`.toLowerCase().includes(folded),
  );
  return await toAdminView(db.read, matching);
}

/** Errors: tool-not-found. */
export async function getTool({ db }: Pick<AppContext, 'db'>, slug: string): Promise<Result<ToolView>> {
  const [view] = await toAdminView(db.read, await selectTools(db.read).where(eq(tools.slug, slug)));
  return view === undefined ? err('tool-not-found') : ok(view);
}
