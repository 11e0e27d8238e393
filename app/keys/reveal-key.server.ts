import { and, eq } from 'drizzle-orm';
import type { AppContext } from '~/app-context.server';
import type { Actor } from '~/audit/record.server';
import { err, ok, type Result } from '~/core/result';
import { mintRawKey } from '~/crypto/key-format.server';
import { keys } from '~db/schema';
import { transitionAllowed } from './key-conditions.server';
import type { KeyView } from './keys.schema';
import { announceKey, recordKeyEvent } from './record-key-event.server';
import { findKey, type KeyRow, toKeyView } from './select-keys.server';

/**
 * Mints and answers the raw key of an approved key, once. Only its holder may, the admin who approved it
 * neither; of two at once one gets the raw key.
 *
 * Refuses: key-not-found (a member for another's key, too), not-holder, not-active, already-revealed.
 */
export async function revealKey(
  app: Pick<AppContext, 'db' | 'events' | 'now'>,
  actor: Actor,
  id: string,
): Promise<Result<{ rawKey: string; key: KeyView }>> {
  const at = app.now();
  // The environment never changes, so it may be read before the transaction; minting must not hold it up.
  const before = await findKey(app.db.read, id);
  if (before === null) return err('key-not-found');
  const minted = mintRawKey(before.environment);

  const outcome = await app.db.write(async (tx): Promise<Result<KeyRow>> => {
    const [won] = await tx
      .update(keys)
      .set({ hash: minted.hash, prefix: minted.prefix, revealedAt: at })
      .where(and(eq(keys.id, id), eq(keys.holderId, actor.id), transitionAllowed('reveal')))
      .returning({ id: keys.id });
    const row = await findKey(tx, id);
    if (row === null) return err('key-not-found');
    if (won === undefined) {
      // Strangers learn nothing about a key but that it isn't theirs; a member is told as if it did not exist.
      if (row.holderId !== actor.id) return err(actor.role === 'admin' ? 'not-holder' : 'key-not-found');
      return row.status === 'ACTIVE' ? err('already-revealed') : err('not-active', { status: row.status });
    }
    await recordKeyEvent(tx, { at, by: actor, action: 'key.revealed', row });
    return ok(row);
  });
  if (!outcome.ok) return outcome;
  announceKey(app, outcome.value);
  return ok({ rawKey: minted.rawKey, key: toKeyView(outcome.value) });
}
