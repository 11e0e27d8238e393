import { eq } from 'drizzle-orm';
import type { AppContext } from '~/app-context.server';
import type { Actor } from '~/audit/record.server';
import { newId } from '~/core/ids.server';
import { err, ok, type Result } from '~/core/result';
import { mintRawKey } from '~/crypto/key-format.server';
import type { KeyView } from '~/keys/keys.schema';
import { announceKey, recordKeyEvent } from '~/keys/record-key-event.server';
import { type KeyRow, mustFindKey, toKeyView } from '~/keys/select-keys.server';
import { keys, requests, serviceAccounts, tools } from '~db/schema';
import type { IssueKeyInput } from './service-accounts.schema';

/**
 * Issues a key to a service account, with its raw key, the only time that it is ever answered. In production too,
 * whatever the tool requires: an admin asks, who is the one to decide on members' requests. The account may hold other
 * live keys of the same tool and environment, or it could not be given a new one without an outage.
 *
 * Refuses: service-account-not-found, account-disabled, tool-not-found, tool-archived.
 */
export async function issueKey(
  app: Pick<AppContext, 'db' | 'events' | 'now'>,
  actor: Actor,
  { serviceAccountId, tool: slug, environment, purpose }: IssueKeyInput,
): Promise<Result<{ key: KeyView; rawKey: string }>> {
  const at = app.now();
  const { rawKey, hash, prefix } = mintRawKey(environment, 'ais');
  const [id, requestId] = [newId('key'), newId('req')];

  const outcome = await app.db.write(async (tx): Promise<Result<KeyRow>> => {
    const [account] = await tx.select().from(serviceAccounts).where(eq(serviceAccounts.id, serviceAccountId));
    if (account === undefined) return err('service-account-not-found');
    if (account.disabledAt !== null) return err('account-disabled');
    const [tool] = await tx.select().from(tools).where(eq(tools.slug, slug));
    if (tool === undefined) return err('tool-not-found');
    if (tool.archivedAt !== null) return err('tool-archived', { tool: tool.displayName });

    await tx.insert(requests).values({
      id: requestId,
      requesterId: actor.id,
      purpose,
      createdAt: at,
      decision: 'auto-issued',
      decidedAt: at,
    });
    await tx.insert(keys).values({
      id,
      requestId,
      serviceAccountId,
      toolId: tool.id,
      environment,
      status: 'ACTIVE',
      hash,
      prefix,
      createdAt: at,
      revealedAt: at,
    });
    const row = await mustFindKey(tx, id);
    await recordKeyEvent(tx, {
      at,
      by: actor,
      action: 'key.issued',
      row,
      details: { holder: serviceAccountId },
    });
    return ok(row);
  });

  if (!outcome.ok) return outcome;
  announceKey(app, outcome.value);
  return ok({ key: toKeyView(outcome.value), rawKey });
}
