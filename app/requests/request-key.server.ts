import { and, eq } from 'drizzle-orm';
import type { ChangeContext } from '~/app-context.server';
import type { Actor } from '~/audit/record.server';
import { err, ok, type Result } from '~/core/result';
import { mintRawKey } from '~/crypto/key-format.server';
import { createKey, findToolForKey } from '~/keys/create-key.server';
import { isLiveKey } from '~/keys/key-conditions.server';
import type { KeyView, RequestKeyInput } from '~/keys/keys.schema';
import { announceKeyResult } from '~/keys/record-key-event.server';
import type { KeyRow } from '~/keys/select-keys.server';
import { keys } from '~db/schema';
import { needsApproval } from './approval-rule';

export type RequestResult =
  | { outcome: 'issued'; key: KeyView; rawKey: string }
  | { outcome: 'pending'; key: KeyView };

/**
 * Requests a key. Without a need for approval the key is active immediately, and its secret is returned this once.
 * Otherwise the key is pending and has no secret yet.
 *
 * Errors: tool-not-found, tool-archived, live-key-exists.
 */
export async function requestKey(
  app: ChangeContext,
  actor: Actor,
  { tool: slug, environment, purpose }: RequestKeyInput,
): Promise<Result<RequestResult>> {
  const at = app.now();
  const minted = mintRawKey(environment);
  const outcome = await app.db.write(async (tx): Promise<Result<KeyRow>> => {
    const found = await findToolForKey(tx, slug);
    if (!found.ok) return found;
    const tool = found.value;
    const [live] = await tx
      .select({ status: keys.status })
      .from(keys)
      .where(
        and(
          eq(keys.holderId, actor.id),
          eq(keys.toolId, tool.id),
          eq(keys.environment, environment),
          isLiveKey,
        ),
      );
    if (live !== undefined) {
      return err('live-key-exists', { tool: tool.displayName, environment, status: live.status });
    }
    const row = await createKey(tx, {
      at,
      by: actor,
      holder: { holderId: actor.id },
      toolId: tool.id,
      environment,
      purpose,
      secret: needsApproval(tool, environment) ? null : minted,
    });
    return ok(row);
  });
  const requested = announceKeyResult(app, outcome);
  if (!requested.ok) return requested;
  const key = requested.value;
  return ok(
    key.status === 'PENDING'
      ? { outcome: 'pending', key }
      : { outcome: 'issued', key, rawKey: minted.rawKey },
  );
}
