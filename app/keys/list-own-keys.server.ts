import { and, desc, eq, inArray, notInArray, or, sql } from 'drizzle-orm';
import type { AppContext } from '~/app-context.server';
import type { Actor } from '~/audit/record.server';
import { err, ok, type Result } from '~/core/result';
import { prepareOnce } from '~db/prepare-once.server';
import { keys } from '~db/schema';
import { LIVE_STATUSES } from './key-state-machine';
import type { KeyView, OwnKeysInput } from './keys.schema';
import { findKey, selectKeys, toKeyView } from './select-keys.server';

const keysOf = prepareOnce((queries) => {
  const held = eq(keys.holderId, sql.placeholder('holder'));
  const latestEnded = queries
    .select({ id: keys.id })
    .from(keys)
    .where(and(held, notInArray(keys.status, [...LIVE_STATUSES])))
    .orderBy(desc(keys.createdAt), desc(keys.id))
    .limit(sql.placeholder('ended'));
  const listed = or(inArray(keys.status, [...LIVE_STATUSES]), inArray(keys.id, latestEnded));
  return selectKeys(queries, and(held, listed)).prepare();
});

/** The keys that the actor holds, newest first: every live one, and of those that have ended the latest. */
export async function listOwnKeys(
  { db }: Pick<AppContext, 'db'>,
  actor: Actor,
  { ended = Number.MAX_SAFE_INTEGER }: NonNullable<OwnKeysInput> = {},
): Promise<KeyView[]> {
  const rows = await keysOf(db.read).execute({ holder: actor.id, ended });
  return rows.map(toKeyView);
}

/** One key of the actor's own. */
export async function getOwnKey(
  { db }: Pick<AppContext, 'db'>,
  actor: Actor,
  id: string,
): Promise<Result<KeyView>> {
  const row = await findKey(db.read, id, eq(keys.holderId, actor.id));
  return row === null ? err('key-not-found') : ok(toKeyView(row));
}
