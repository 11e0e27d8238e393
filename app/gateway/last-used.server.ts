import { and, eq, isNotNull, isNull, lt, or, sql } from 'drizzle-orm';
import type { AppContext } from '~/app-context.server';
import type { Queries } from '~db/database';
import { keys } from '~db/schema';

/** How long a use may wait to be written; a crash loses no more than this of *last used*. */
const BATCH_MS = 2_000;

/** Notes which keys were used when, off the path of the calls. */
export interface LastUsedRecorder {
  note(keyId: string): void;
  /** Writes what is noted now. */
  flush(): Promise<void>;
  /** Writes what is noted and stops. */
  close(): Promise<void>;
}

/** Keeps the latest use of each key in memory and writes them together, at most `BATCH_MS` later. */
export function createLastUsedRecorder({
  db,
  events,
  log,
  now,
}: Pick<AppContext, 'db' | 'events' | 'log' | 'now'>): LastUsedRecorder {
  let noted = new Map<string, number>();
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();

  function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    const batch = noted;
    if (batch.size === 0) return writing;
    noted = new Map();
    writing = writing.then(() => writeBatch(batch));
    return writing;
  }

  async function writeBatch(batch: Map<string, number>): Promise<void> {
    try {
      const used = await db.write((tx) => writeUses(tx, batch));
      for (const use of used) events.emit('key-used', use);
    } catch (error) {
      // The calls were answered; only when they were is lost.
      log.error({ err: error, keys: batch.size }, 'uses of keys could not be noted');
    }
  }

  return {
    note(keyId) {
      noted.set(keyId, now());
      timer ??= setTimeout(flush, BATCH_MS).unref();
    },
    flush,
    close: flush,
  };
}

/** Answers the keys whose last use has moved. */
async function writeUses(
  tx: Queries,
  batch: ReadonlyMap<string, number>,
): Promise<{ keyId: string; holderId: string }[]> {
  const at = sql.placeholder('at');
  // The clock may have been set back: last used never is.
  const newer = or(isNull(keys.lastUsedAt), lt(keys.lastUsedAt, at));
  const update = tx
    .update(keys)
    .set({ lastUsedAt: sql`${at}` })
    .where(and(eq(keys.id, sql.placeholder('id')), isNotNull(keys.hash), newer))
    .returning({
      keyId: keys.id,
      holderId: sql<string>`coalesce(${keys.holderId}, ${keys.serviceAccountId})`,
    })
    .prepare();
  const moved: { keyId: string; holderId: string }[] = [];
  for (const [id, lastUsedAt] of batch) moved.push(...(await update.execute({ id, at: lastUsedAt })));
  return moved;
}
