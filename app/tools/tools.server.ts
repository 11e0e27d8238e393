import { and, asc, eq, inArray, isNull, notExists, sql } from 'drizzle-orm';
import type { App } from '~/app.server';
import type { Actor } from '~/audit/audit.server';
import { accept, type Outcome, refuse } from '~/errors';
import { needsApproval } from '~/requests/approval-rule';
import type { Queries } from '~db/client.server';
import { keys, toolCredentials, tools } from '~db/schema';
import { environments } from '~db/schema/words';
import { clientPath, modelsPath } from './client-path';
import type { ToolForMember, ToolForRequest } from './tools.schema';

type Reads = Pick<App, 'db'>;

/** The columns that members may see; the upstream URL only to derive the clients' path from. */
const memberColumns = {
  id: tools.id,
  slug: tools.slug,
  displayName: tools.displayName,
  requiresApproval: tools.requiresApproval,
  preset: tools.preset,
  dialect: tools.dialect,
  upstreamUrl: tools.upstreamUrl,
  credentialHeader: tools.credentialHeader,
  needsCredential: tools.needsCredential,
  archivedAt: tools.archivedAt,
  credentialSetAt: toolCredentials.setAt,
};

const selectTools = (queries: Queries) =>
  queries
    .select(memberColumns)
    .from(tools)
    .leftJoin(toolCredentials, eq(toolCredentials.toolId, tools.id))
    .$dynamic();

type MemberRow = Awaited<ReturnType<typeof selectTools>>[number];

/**
 * Every tool that is not archived and for which the actor has no ACTIVE key in any environment, by name. A
 * pending request leaves its tool in the list: another environment can still be asked for.
 */
export async function listAvailableTools({ db }: Reads, actor: Actor): Promise<ToolForMember[]> {
  const held = db.read
    .select({ one: sql`1` })
    .from(keys)
    .where(and(eq(keys.holderId, actor.id), eq(keys.toolId, tools.id), eq(keys.status, 'ACTIVE')));
  const rows = await selectTools(db.read)
    .where(and(isNull(tools.archivedAt), notExists(held)))
    .orderBy(asc(sql`lower(${tools.displayName})`), asc(tools.slug));
  return rows.map(forMember);
}

/**
 * One tool as the request drawer shows it: each environment with whether an admin decides, and the actor's own
 * live key there. Refuses: no-such-tool, tool-archived.
 */
export async function describeForRequest(
  { db }: Reads,
  actor: Actor,
  slug: string,
): Promise<Outcome<ToolForRequest>> {
  const [row] = await selectTools(db.read).where(eq(tools.slug, slug));
  if (row === undefined) return refuse('no-such-tool');
  if (row.archivedAt !== null) return refuse('tool-archived', { tool: row.displayName });
  const live = await db.read
    .select({
      keyId: keys.id,
      environment: keys.environment,
      status: keys.status,
      since: keys.createdAt,
    })
    .from(keys)
    .where(
      and(eq(keys.holderId, actor.id), eq(keys.toolId, row.id), inArray(keys.status, ['PENDING', 'ACTIVE'])),
    );
  return accept({
    tool: forMember(row),
    environments: environments.map((environment) => {
      const key = live.find((candidate) => candidate.environment === environment);
      return {
        environment,
        needsApproval: needsApproval(row, environment),
        live: key === undefined ? null : { keyId: key.keyId, status: key.status, since: key.since },
      };
    }),
  });
}

/** One tool as its clients' settings need it, archived or not. Refuses: no-such-tool. */
export async function describeForSettings({ db }: Reads, slug: string): Promise<Outcome<ToolForMember>> {
  const [row] = await selectTools(db.read).where(eq(tools.slug, slug));
  return row === undefined ? refuse('no-such-tool') : accept(forMember(row));
}

function forMember(row: MemberRow): ToolForMember {
  const { slug, displayName, requiresApproval, preset, dialect, credentialHeader } = row;
  return {
    slug,
    displayName,
    requiresApproval,
    preset,
    dialect,
    clientPath: clientPath(row),
    modelsPath: modelsPath(row),
    credentialHeader,
    connected: !row.needsCredential || row.credentialSetAt !== null,
  };
}
