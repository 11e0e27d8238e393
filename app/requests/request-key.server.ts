import { and, eq } from 'drizzle-orm';
import type { AppContext } from '~/app-context.server';
import type { Actor } from '~/audit/record.server';
import { newId } from '~/core/ids.server';
import { err, ok, type Result } from '~/core/result';
import { mintRawKey } from '~/crypto/key-format.server';
import type { KeyView } from '~/keys/keys.schema';
import { isLiveKey } from '~/keys/live-keys.server';
import { announceKey, recordKeyEvent } from '~/keys/record-key-event.server';
import { type KeyRow, mustFindKey, toKeyView } from '~/keys/select-keys.server';
import { keys, requests, tools } from '~db/schema';
import type { Environment } from '~db/schema/enums';
import { needsApproval } from './approval-rule';

export type RequestResult =
  | { outcome: 'issued'; key: KeyView; rawKey: string }
  | { outcome: 'pending'; key: KeyView };

/**
 * Asks for a key. Issued at once with its raw key, the only time that it is ever answered, unless the
 * approval rule says that an admin decides first; then no secret exists yet.
 *
 * Refuses: tool-not-found, tool-archived, live-key-exists.
 */
export async function requestKey(
  app: Pick<AppContext, 'db' | 'events' | 'now'>,
  actor: Actor,
  input: { tool: string; environment: Environment; purpose: string },
): Promise<Result<RequestResult>> {
  const at = app.now();
  const minted = mintRawKey(input.environment);
  const [id, requestId] = [newId('key'), newId('req')];

  const outcome = await app.db.write(async (tx): Promise<Result<RequestResult & { row: KeyRow }>> => {
    const [tool] = await tx.select().from(tools).where(eq(tools.slug, input.tool));
    if (tool === undefined) return err('tool-not-found');
    if (tool.archivedAt !== null) return err('tool-archived', { tool: tool.displayName });
    const [live] = await tx
      .select({ status: keys.status })
      .from(keys)
      .where(
        and(
          eq(keys.holderId, actor.id),
          eq(keys.toolId, tool.id),
          eq(keys.environment, input.environment),
          isLiveKey,
        ),
      );
    if (live !== undefined) {
      return err('live-key-exists', {
        tool: tool.displayName,
        environment: input.environment,
        status: live.status,
      });
    }

    const pending = needsApproval(tool, input.environment);
    await tx.insert(requests).values({
      id: requestId,
      requesterId: actor.id,
      purpose: input.purpose,
      createdAt: at,
      ...(pending ? {} : { decision: 'auto-issued' as const, decidedAt: at }),
    });
    await tx.insert(keys).values({
      id,
      requestId,
      holderId: actor.id,
      toolId: tool.id,
      environment: input.environment,
      createdAt: at,
      ...(pending
        ? { status: 'PENDING' as const }
        : { status: 'ACTIVE' as const, hash: minted.hash, prefix: minted.prefix, revealedAt: at }),
    });
    const row = await mustFindKey(tx, id);
    await recordKeyEvent(tx, { at, by: actor, action: pending ? 'key.requested' : 'key.issued', row });
    const key = toKeyView(row);
    return ok(
      pending ? { row, outcome: 'pending', key } : { row, outcome: 'issued', key, rawKey: minted.rawKey },
    );
  });

  if (!outcome.ok) return outcome;
  const { row, ...result } = outcome.value;
  announceKey(app, row);
  return ok(result);
}
