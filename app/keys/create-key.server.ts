import { eq } from 'drizzle-orm';
import type { Actor } from '~/audit/record.server';
import { newId } from '~/core/ids.server';
import { err, ok, type Result } from '~/core/result';
import type { MintedKey } from '~/crypto/key-format.server';
import type { Queries } from '~db/database';
import { keys, requests, tools } from '~db/schema';
import type { Environment } from '~db/schema/enums';
import { recordKeyEvent } from './record-key-event.server';
import { type KeyRow, mustFindKey } from './select-keys.server';

/** The tool that a key is wanted for. Errors: tool-not-found, tool-archived. */
export async function findToolForKey(
  queries: Queries,
  slug: string,
): Promise<Result<typeof tools.$inferSelect>> {
  const [tool] = await queries.select().from(tools).where(eq(tools.slug, slug));
  if (tool === undefined) return err('tool-not-found');
  return tool.archivedAt === null ? ok(tool) : err('tool-archived', { tool: tool.displayName });
}

/**
 * Inserts a request, its key and the audit entry, in the caller's transaction.
 *
 * @param secret makes the key active immediately; null for a key that needs approval.
 */
export async function createKey(
  tx: Queries,
  {
    at,
    by,
    holder,
    toolId,
    environment,
    purpose,
    secret,
  }: {
    at: number;
    by: Actor;
    holder: { holderId: string } | { serviceAccountId: string };
    toolId: string;
    environment: Environment;
    purpose: string;
    secret: Pick<MintedKey, 'hash' | 'prefix'> | null;
  },
): Promise<KeyRow> {
  const [id, requestId] = [newId('key'), newId('req')];
  await tx.insert(requests).values({
    id: requestId,
    requesterId: by.id,
    purpose,
    createdAt: at,
    ...(secret === null ? {} : { decision: 'auto-issued', decidedAt: at }),
  });
  await tx.insert(keys).values({
    id,
    requestId,
    ...holder,
    toolId,
    environment,
    createdAt: at,
    ...(secret === null
      ? { status: 'PENDING' }
      : { status: 'ACTIVE', hash: secret.hash, prefix: secret.prefix, revealedAt: at }),
  });
  const row = await mustFindKey(tx, id);
  await recordKeyEvent(tx, {
    at,
    by,
    action: secret === null ? 'key.requested' : 'key.issued',
    row,
    details: 'serviceAccountId' in holder ? { holder: holder.serviceAccountId } : {},
  });
  return row;
}
