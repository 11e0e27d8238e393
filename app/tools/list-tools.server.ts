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

type Reads = Pick<AppContext, 'db'>;

const toolsNotHeldBy = prepareOnce((queries) => {
  // Asked once for the holder, not once for each tool, whose keys of everybody would be searched each time.
  const held = queries
    .select({ toolId: keys.toolId })
    .from(keys)
    .where(and(eq(keys.holderId, sql.placeholder('holder')), eq(keys.status, 'ACTIVE')));
  return selectTools(queries)
    .where(and(isNull(tools.archivedAt), notInArray(tools.id, held)))
    .prepare();
});

/**
 * Every tool that is not archived and for which the actor has no ACTIVE key in any environment: those whose keys
 * work at once before those that still want a credential, each by name. A pending request leaves its tool in the
 * list: another environment can still be asked for.
 */
export async function listAvailableTools({ db }: Reads, actor: Actor): Promise<ToolForMember[]> {
  const rows = await toolsNotHeldBy(db.read).execute({ holder: actor.id });
  return rows.map(toMemberView).sort((a, b) => Number(b.connected) - Number(a.connected));
}

/**
 * One tool as the request drawer shows it: each environment with whether an admin decides, and the actor's own
 * live key there. Refuses: tool-not-found, tool-archived.
 */
export async function getToolForRequest(
  { db }: Reads,
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

/** One tool as its clients' settings need it, archived or not. Refuses: tool-not-found. */
export async function getToolForSnippets({ db }: Reads, slug: string): Promise<Result<ToolForMember>> {
  const [row] = await selectTools(db.read).where(eq(tools.slug, slug));
  return row === undefined ? err('tool-not-found') : ok(toMemberView(row));
}

/** The catalogue for admins, by name; in part where a search or a state is given. */
export async function listTools({ db }: Reads, input: ListToolsInput): Promise<ToolView[]> {
  const state = { live: isNull(tools.archivedAt), archived: isNotNull(tools.archivedAt) };
  const rows = await selectTools(db.read).where(input?.state && state[input.state]);
  const query = input?.query?.toLowerCase() ?? '';
  // A catalogue has tens of tools, and SQLite's own matching folds ASCII letters only.
  const matching = rows.filter(({ tool }) =>
    [tool.displayName, tool.slug].some((text) => text.toLowerCase().includes(query)),
  );
  return await toAdminView(db.read, matching);
}

/** One tool for admins. Refuses: tool-not-found. */
export async function getTool({ db }: Reads, slug: string): Promise<Result<ToolView>> {
  const [view] = await toAdminView(db.read, await selectTools(db.read).where(eq(tools.slug, slug)));
  return view === undefined ? err('tool-not-found') : ok(view);
}
