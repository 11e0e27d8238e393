import { and, eq } from 'drizzle-orm';
import type { ChangeContext } from '~/app-context.server';
import type { Actor } from '~/audit/record.server';
import { err, ok, type Result } from '~/core/result';
import { mintRawKey } from '~/crypto/key-format.server';
import { keys } from '~db/schema';
import { transitionAllowed } from './key-conditions.server';
import type { KeyView } from './keys.schema';
import { announceKeyResult, recordKeyEvent } from './record-key-event.server';
import { findKey, type KeyRow } from './select-keys.server';

/**
 * Mints the secret of an approved key and returns it once, to the holder only: the admin who approved the key can't reveal
 * it. Of concurrent calls, one succeeds.
 *
 * Errors: key-not-found (also a member, for another holder's key), not-holder, not-active, already-revealed.
 */
export async function revealKey(
  app: ChangeContext,
  actor: Actor,
  id: string,
): Promise<Result<{ rawKey: string; key: KeyView }>> {
  const at = app.now();
  // Read before the transaction, so that minting doesn't delay other writers. A key's environment never changes.
  const before = await findKey(app.db.read, id);
  if (before === null) return err('key-not-found');
  const minted = mintRawKey(before.environment);

  const outcome = await app.db.write(async (tx): Promise<Result<KeyRow>> => {
    const [updated] = await tx
      .update(keys)
      .set({ hash: minted.hash, prefix: minted.prefix, revealedAt: at })
      .where(and(eq(keys.id, id), eq(keys.holderId, actor.id), transitionAllowed('reveal')))
      .returning({ id: keys.id });
    const row = await findKey(tx, id);
    if (row === null) return err('key-not-found');
    if (updated === undefined) {
      // A member who guesses ids must not learn which keys exist.
      if (row.holderId !== actor.id) return err(actor.role === 'admin' ? 'not-holder' : 'key-not-found');
      return row.status === 'ACTIVE' ? err('already-revealed') : err('not-active', { status: row.status });
    }
    await recordKeyEvent(tx, { at, by: actor, action: 'key.revealed', row });
    return ok(row);
  });
  const revealed = announceKeyResult(app, outcome);
  return revealed.ok ? ok({ rawKey: minted.rawKey, key: revealed.value }) : revealed;
}
