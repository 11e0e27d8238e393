import { eq } from 'drizzle-orm';
import type { AppContext, ChangeContext } from '~/app-context.server';
import { type Actor, type AuditEvent, record } from '~/audit/record.server';
import { newId } from '~/core/ids.server';
import { err, ok, type Result } from '~/core/result';
import type { Queries } from '~db/database';
import { tools } from '~db/schema';
import { announceTool, readToolChange, type ToolChange, toolSubject } from './select-tools.server';
import { deleteCredential } from './tool-credentials.server';
import type { CreateToolInput, ToolView, UpdateToolInput } from './tools.schema';
import {
  changesUpstream,
  checkChangedFields,
  checkSlug,
  checkUpstream,
  type Tool,
} from './validate-tool.server';

type SaveContext = ChangeContext & Pick<AppContext, 'config'>;

/** Errors: slug-taken, upstream-not-allowed, credential-header-required. */
export async function createTool(
  app: SaveContext,
  actor: Actor,
  input: CreateToolInput,
): Promise<Result<ToolView>> {
  const at = app.now();
  const tool: Tool = { ...input, id: newId('tool'), createdAt: at, archivedAt: null };
  const outcome = await app.db.write(async (tx): Promise<Result<ToolChange>> => {
    const error = checkUpstream(app.config, tool) ?? (await checkSlug(tx, tool));
    if (error !== null) return error;
    await insertTool(tx, actor, tool);
    return ok(await readToolChange(tx, tool.id, true));
  });
  return announceTool(app, outcome);
}

/** Inserts a tool and its audit entry, in the caller's transaction. */
export async function insertTool(
  tx: Queries,
  by: AuditEvent['by'],
  tool: typeof tools.$inferInsert,
): Promise<void> {
  await tx.insert(tools).values(tool);
  const { id, slug, displayName, dialect, upstreamUrl, requiresApproval, preset } = tool;
  await record(tx, {
    at: tool.createdAt,
    by,
    action: 'tool.created',
    ...toolSubject(id),
    details: { slug, displayName, dialect, upstreamUrl, requiresApproval, preset },
  });
}

const CHANGEABLE_FIELDS = [
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
 * Changes the fields in the input, of archived tools too. Without a difference it succeeds and records nothing.
 *
 * A new upstream host deletes the credential: otherwise an admin could send it to a server of their own and read it.
 *
 * Errors: tool-not-found, builtin-tool, slug-in-use, slug-taken, upstream-not-allowed, credential-header-required.
 */
export async function updateTool(
  app: SaveContext,
  actor: Actor,
  { tool: slug, ...input }: UpdateToolInput,
): Promise<Result<ToolView>> {
  const at = app.now();
  const outcome = await app.db.write(async (tx): Promise<Result<ToolChange>> => {
    const [before] = await tx.select().from(tools).where(eq(tools.slug, slug));
    if (before === undefined) return err('tool-not-found');
    const changed = CHANGEABLE_FIELDS.filter(
      (field) => input[field] !== undefined && input[field] !== before[field],
    );
    if (changed.length === 0) return ok(await readToolChange(tx, before.id, false));
    const changes: Partial<Tool> = Object.fromEntries(changed.map((field) => [field, input[field]]));
    const after: Tool = { ...before, ...changes };
    const error =
      (await checkChangedFields(tx, before, changed)) ??
      (await checkSlug(tx, after)) ??
      (changesUpstream(changed) ? checkUpstream(app.config, after) : null);
    if (error !== null) return error;
    await tx.update(tools).set(changes).where(eq(tools.id, before.id));
    await record(tx, {
      at,
      by: actor,
      action: 'tool.updated',
      ...toolSubject(before.id),
      details: { tool: slug, ...changeDetails(before, after, changed) },
    });
    if (originOf(before.upstreamUrl) !== originOf(after.upstreamUrl)) {
      await deleteCredential(tx, { at, by: actor, tool: after, reason: 'the upstream changed' });
    }
    return ok(await readToolChange(tx, before.id, true));
  });
  return announceTool(app, outcome);
}

/** Each changed field with its new and its previous value, for the audit trail. */
function changeDetails(before: Tool, after: Tool, changed: (typeof CHANGEABLE_FIELDS)[number][]) {
  return Object.fromEntries(
    changed.flatMap((field) => [
      [field, after[field]],
      [`${field}Before`, before[field]],
    ]),
  );
}

const originOf = (url: string | null): string | null => (url === null ? null : new URL(url).origin);
