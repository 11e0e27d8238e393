import { and, eq, isNotNull, isNull, lt, or, sql } from 'drizzle-orm';
import type { AppContext } from '~/app-context.server';
import type { Queries } from '~db/database';
import { keys } from '~db/schema';

/** How long a use may wait to be written. A crash loses at most this much of "last used". */
const BATCH_MS = 2_000;

export type LastUsedRecorder = ReturnType<typeof createLastUsedRecorder>;

/** Collects the latest use of each key in memory and writes them in batches, so calls don't wait. */
export function createLastUsedRecorder({
  db,
  events,
  log,
  now,
}: Pick<AppContext, 'db' | 'events' | 'log' | 'now'>) {
  let pending = new Map<string, number>();
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();

  function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    const batch = pending;
    if (batch.size === 0) return writing;
    pending = new Map();
    writing = writing.then(() => writeBatch(batch));
    return writing;
  }

  async function writeBatch(batch: Map<string, number>): Promise<void> {
    try {
      const used = await db.write((tx) => updateLastUsed(tx, batch));
      for (const use of used) events.emit('key-used', use);
    } catch (error) {
      log.error({ err: error, keys: batch.size }, 'last use of keys could not be written'); // the calls succeeded
    }
  }

  return {
    record(keyId: string): void {
      pending.set(keyId, now());
      timer ??= setTimeout(flush, BATCH_MS).unref();
    },
    /** Writes the pending uses now. */
    flush,
    close: flush,
  };
}

/** Returns the keys whose last use changed. */
async function updateLastUsed(
  tx: Queries,
  batch: ReadonlyMap<string, number>,
): Promise<{ keyId: string; holderId: string }[]> {
  const at = sql.placeholder('at');
  // Never earlier than before, even if the clock was set back.
  const isNewer = or(isNull(keys.lastUsedAt), lt(keys.lastUsedAt, at));
  const update = tx
    .update(keys)
    .set({ lastUsedAt: sql`${at}` })
    .where(and(eq(keys.id, sql.placeholder('id')), isNotNull(keys.hash), isNewer))
    .returning({
      keyId: keys.id,
      holderId: sql<string>`coalesce(${keys.holderId}, ${keys.serviceAccountId})`,
    })
    .prepare();
  const changed: { keyId: string; holderId: string }[] = [];
  for (const [id, lastUsedAt] of batch) changed.push(...(await update.execute({ id, at: lastUsedAt })));
  return changed;
}
