import { eq } from 'drizzle-orm';
import type { AppContext } from '~/app-context.server';
import { type Actor, record } from '~/audit/record.server';
import { newId } from '~/core/ids.server';
import { err, ok, type Result } from '~/core/result';
import { tools } from '~db/schema';
import { announceTool, subjectOf, type ToolChange, toolChange } from './select-tools.server';
import { dropCredential } from './tool-credentials.server';
import type { CreateToolInput, ToolView, UpdateToolInput } from './tools.schema';
import { checkChange, checkSlug, checkUpstream, concernsUpstream, type Tool } from './validate-tool.server';

type Needs = Pick<AppContext, 'config' | 'db' | 'events' | 'now'>;

/** Adds a tool. Refuses: slug-taken, upstream-not-allowed, credential-header-required. */
export async function createTool(
  app: Needs,
  actor: Actor,
  input: CreateToolInput,
): Promise<Result<ToolView>> {
  const at = app.now();
  const tool: Tool = { ...input, id: newId('tool'), createdAt: at, archivedAt: null };
  const outcome = await app.db.write(async (tx): Promise<Result<ToolChange>> => {
    const refusal = checkUpstream(app.config, tool) ?? (await checkSlug(tx, tool));
    if (refusal !== null) return refusal;
    await tx.insert(tools).values(tool);
    const { slug, displayName, dialect, upstreamUrl, requiresApproval, preset } = tool;
    await record(tx, {
      at,
      by: actor,
      action: 'tool.created',
      ...subjectOf(tool.id),
      details: { slug, displayName, dialect, upstreamUrl, requiresApproval, preset },
    });
    return ok(await toolChange(tx, tool.id, true));
  });
  return announceTool(app, outcome);
}

/** The fields that an update may change, and whose changes are recorded. */
const CHANGEABLE = [
  'slug',
  'displayName',
  'requiresApproval',
  'dialect',
  'upstreamUrl',
  'credentialHeader',
  'needsCredential',
  'allowsPlainHttp',
  'headersTimeoutMs',
  'maxConcurrentPerKey',
  'maxConcurrent',
] as const satisfies (keyof Tool)[];

/**
 * Changes what is given of a tool, archived or not. A new upstream host costs the tool its credential: it was
 * given for the old one, and whoever could send it elsewhere could read it. Nothing to change is answered, and
 * leaves no trace.
 *
 * Refuses: tool-not-found, builtin-tool, slug-in-use, slug-taken, upstream-not-allowed, credential-header-required.
 */
export async function updateTool(
  app: Needs,
  actor: Actor,
  { tool: slug, ...given }: UpdateToolInput,
): Promise<Result<ToolView>> {
  const at = app.now();
  const outcome = await app.db.write(async (tx): Promise<Result<ToolChange>> => {
    const [before] = await tx.select().from(tools).where(eq(tools.slug, slug));
    if (before === undefined) return err('tool-not-found');
    const changed = CHANGEABLE.filter(
      (field) => given[field] !== undefined && given[field] !== before[field],
    );
    if (changed.length === 0) return ok(await toolChange(tx, before.id, false));
    const changes: Partial<Tool> = Object.fromEntries(changed.map((field) => [field, given[field]]));
    const after: Tool = { ...before, ...changes };
    const refusal =
      (await checkChange(tx, before, changed)) ??
      (await checkSlug(tx, after)) ??
      (concernsUpstream(changed) ? checkUpstream(app.config, after) : null);
    if (refusal !== null) return refusal;
    await tx.update(tools).set(changes).where(eq(tools.id, before.id));
    await record(tx, {
      at,
      by: actor,
      action: 'tool.updated',
      ...subjectOf(before.id),
      details: { tool: slug, ...difference(before, after, changed) },
    });
    if (originOf(before.upstreamUrl) !== originOf(after.upstreamUrl)) {
      await dropCredential(tx, { at, by: actor, tool: after, why: 'the upstream changed' });
    }
    return ok(await toolChange(tx, before.id, true));
  });
  return announceTool(app, outcome);
}

/** What an update did, for the audit trail: each field as it is now, and as it was. */
function difference(before: Tool, after: Tool, changed: (typeof CHANGEABLE)[number][]) {
  return Object.fromEntries(
    changed.flatMap((field) => [
      [field, after[field]],
      [`${field}Before`, before[field]],
    ]),
  );
}

const originOf = (url: string | null): string | null => (url === null ? null : new URL(url).origin);
