import { eq } from 'drizzle-orm';
import type { AppContext, ChangeContext } from '~/app-context.server';
import { type Actor, record } from '~/audit/record.server';
import { err, ok, type Result } from '~/core/result';
import { parseRawKey } from '~/crypto/key-format.server';
import { isKeyInUse } from '~/master-key/master-key.server';
import type { Queries } from '~db/database';
import { toolCredentials, tools } from '~db/schema';
import { announceTool, readToolChange, type ToolChange, toolSubject } from './select-tools.server';
import type { ToolView } from './tools.schema';
import type { Tool } from './validate-tool.server';

type CredentialContext = ChangeContext & Pick<AppContext, 'encryption'>;

/** Each retry needs another master key rotation in between, and an admin starts those by hand. */
const MAX_ATTEMPTS = 3;

/**
 * Sets or replaces a tool's provider credential. The audit entry doesn't contain it.
 *
 * Errors: tool-not-found, builtin-tool, invalid-credential.
 */
export async function setCredential(
  app: CredentialContext,
  actor: Actor,
  { tool: slug, credential }: { tool: string; credential: string },
): Promise<Result<ToolView>> {
  for (let attempt = 1; ; attempt++) {
    const [tool] = await app.db.read.select().from(tools).where(eq(tools.slug, slug));
    if (tool === undefined) return err('tool-not-found');
    if (tool.upstreamUrl === null) return err('builtin-tool');
    const why = credentialProblem(tool, credential);
    if (why !== null) return err('invalid-credential', { why });
    const outcome = await encryptAndSave(app, actor, tool, credential);
    if (outcome !== 'rotated') return announceTool(app, outcome);
    if (attempt === MAX_ATTEMPTS) throw new Error('the master key keeps changing');
  }
}

/** Returns `rotated`, and saves nothing, when the master key was replaced between encrypting and saving. */
async function encryptAndSave(
  app: CredentialContext,
  actor: Actor,
  { id, slug }: Tool,
  credential: string,
): Promise<Result<ToolChange> | 'rotated'> {
  const sealed = app.encryption.seal(id, credential);
  const at = app.now();
  const outcome = await app.db.write(async (tx): Promise<Result<ToolChange> | { keyInUse: string }> => {
    // Encrypted with a replaced key, the credential couldn't be decrypted after the next start.
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
      ...toolSubject(id),
      details: { tool: slug, replaced: before !== undefined },
    });
    return ok(await readToolChange(tx, id, true));
  });
  if ('ok' in outcome) return outcome;
  app.encryption.use(outcome.keyInUse);
  return 'rotated';
}

/** Removes a tool's credential: calls with its keys fail with 503. Errors: tool-not-found, unchanged. */
export async function removeCredential(
  app: CredentialContext,
  actor: Actor,
  slug: string,
): Promise<Result<ToolView>> {
  const at = app.now();
  const outcome = await app.db.write(async (tx): Promise<Result<ToolChange>> => {
    const [tool] = await tx.select().from(tools).where(eq(tools.slug, slug));
    if (tool === undefined) return err('tool-not-found');
    const deleted = await deleteCredential(tx, { at, by: actor, tool });
    return deleted
      ? ok(await readToolChange(tx, tool.id, true))
      : err('unchanged', { state: 'without a credential' });
  });
  return announceTool(app, outcome);
}

/** Deletes a tool's credential with its audit entry, in the caller's transaction. Returns false when it has none. */
export async function deleteCredential(
  tx: Queries,
  { at, by, tool, reason }: { at: number; by: Actor; tool: Pick<Tool, 'id' | 'slug'>; reason?: string },
): Promise<boolean> {
  const deleted = await tx
    .delete(toolCredentials)
    .where(eq(toolCredentials.toolId, tool.id))
    .returning({ toolId: toolCredentials.toolId });
  if (deleted.length === 0) return false;
  await record(tx, {
    at,
    by,
    action: 'credential.removed',
    ...toolSubject(tool.id),
    details: { tool: tool.slug, why: reason },
  });
  return true;
}

/** The most common pasting mistakes; null for a plausible credential. */
function credentialProblem({ dialect }: Tool, credential: string): string | null {
  if (parseRawKey(credential) !== null)
    return 'it is a key issued by this server. Paste the one issued by the provider.';
  // The generic dialect's credential is a whole header value, which may start with a scheme such as Bearer.
  if (dialect !== 'generic' && credential.includes(' '))
    return 'it contains a space. Paste it without “Bearer” or a header name.';
  return null;
}
