import { eq } from 'drizzle-orm';
import type { AppContext } from '~/app-context.server';
import { type Actor, record } from '~/audit/record.server';
import { err, ok, type Result } from '~/core/result';
import { parseRawKey } from '~/crypto/key-format.server';
import { isKeyInUse } from '~/master-key/master-key.server';
import type { Queries } from '~db/database';
import { toolCredentials, tools } from '~db/schema';
import { announceTool, subjectOf, type ToolChange, toolChange } from './select-tools.server';
import type { ToolView } from './tools.schema';
import type { Tool } from './validate-tool.server';

type Needs = Pick<AppContext, 'db' | 'events' | 'now' | 'encryption'>;

/** Rotations that may come between sealing and storing; each is a command typed by a person. */
const MOST_TRIES = 3;

/**
 * Sets or replaces a tool's provider credential. That it was set is recorded, never what.
 *
 * Refuses: tool-not-found, builtin-tool, invalid-credential.
 */
export async function setCredential(
  app: Needs,
  actor: Actor,
  { tool: slug, credential }: { tool: string; credential: string },
): Promise<Result<ToolView>> {
  for (let tries = 1; ; tries++) {
    const [tool] = await app.db.read.select().from(tools).where(eq(tools.slug, slug));
    if (tool === undefined) return err('tool-not-found');
    if (tool.upstreamUrl === null) return err('builtin-tool');
    const why = credentialProblem(tool, credential);
    if (why !== null) return err('invalid-credential', { why });
    const outcome = await store(app, actor, tool, credential);
    if (outcome !== 'rotated') return announceTool(app, outcome);
    if (tries === MOST_TRIES) throw new Error('the master key keeps changing');
  }
}

/** Seals and stores; answers `rotated` when the master key was replaced in between. */
async function store(
  app: Needs,
  actor: Actor,
  { id, slug }: Tool,
  credential: string,
): Promise<Result<ToolChange> | 'rotated'> {
  const sealed = app.encryption.seal(id, credential);
  const at = app.now();
  const outcome = await app.db.write(async (tx): Promise<Result<ToolChange> | { keyInUse: string }> => {
    // Sealed under a key that a rotation has just replaced, it could not be opened after the next start.
    const { inUse, same } = await isKeyInUse(tx, sealed.masterKeyId);
    if (!same) return { keyInUse: inUse };
    const row = { ...sealed, setAt: at, setBy: actor.id };
    const [before] = await tx
      .select({ toolId: toolCredentials.toolId })
      .from(toolCredentials)
      .where(eq(toolCredentials.toolId, id));
    await tx
      .insert(toolCredentials)
      .values({ toolId: id, ...row })
      .onConflictDoUpdate({ target: toolCredentials.toolId, set: row });
    await record(tx, {
      at,
      by: actor,
      action: 'credential.set',
      ...subjectOf(id),
      details: { tool: slug, replaced: before !== undefined },
    });
    return ok(await toolChange(tx, id, true));
  });
  if ('ok' in outcome) return outcome;
  app.encryption.use(outcome.keyInUse);
  return 'rotated';
}

/** Removes a tool's credential: its keys are answered 503 from now on. Refuses: tool-not-found, unchanged. */
export async function removeCredential(app: Needs, actor: Actor, slug: string): Promise<Result<ToolView>> {
  const at = app.now();
  const outcome = await app.db.write(async (tx): Promise<Result<ToolChange>> => {
    const [tool] = await tx.select().from(tools).where(eq(tools.slug, slug));
    if (tool === undefined) return err('tool-not-found');
    const dropped = await dropCredential(tx, { at, by: actor, tool });
    return dropped
      ? ok(await toolChange(tx, tool.id, true))
      : err('unchanged', { state: 'without a credential' });
  });
  return announceTool(app, outcome);
}

/** Deletes a tool's credential, if it has one, with its audit entry. Answers whether it had. */
export async function dropCredential(
  tx: Queries,
  { at, by, tool, why }: { at: number; by: Actor; tool: Pick<Tool, 'id' | 'slug'>; why?: string },
): Promise<boolean> {
  const dropped = await tx
    .delete(toolCredentials)
    .where(eq(toolCredentials.toolId, tool.id))
    .returning({ toolId: toolCredentials.toolId });
  if (dropped.length === 0) return false;
  await record(tx, {
    at,
    by,
    action: 'credential.removed',
    ...subjectOf(tool.id),
    details: { tool: tool.slug, why },
  });
  return true;
}

/** What is pasted by mistake most often; null when it may be a credential. */
function credentialProblem({ dialect }: Tool, credential: string): string | null {
  if (parseRawKey(credential) !== null)
    return 'this is a key that this server issued. Paste the one that the provider issued.';
  // The generic dialect's credential is a header's whole value, which may begin with a scheme.
  if (dialect !== 'generic' && credential.includes(' '))
    return 'it has a space in it. Paste it alone, without “Bearer” or a header’s name.';
  return null;
}
