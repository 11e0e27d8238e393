import { and, desc, eq, inArray, notInArray, or, sql } from 'drizzle-orm';
import type { AppContext } from '~/app-context.server';
import type { Actor } from '~/audit/record.server';
import { err, ok, type Result } from '~/core/result';
import { prepareOnce } from '~db/prepare-once.server';
import { keys } from '~db/schema';
import { LIVE_STATUSES } from './key-state-machine';
import type { KeyView, OwnKeysInput } from './keys.schema';
import { findKey, selectKeys, toKeyView } from './select-keys.server';

const selectOwnKeys = prepareOnce((queries) => {
  const isOwn = eq(keys.holderId, sql.placeholder('holder'));
  const latestEnded = queries
    .select({ id: keys.id })
    .from(keys)
    .where(and(isOwn, notInArray(keys.status, [...LIVE_STATUSES])))
    .orderBy(desc(keys.createdAt), desc(keys.id))
    .limit(sql.placeholder('ended'));
  const isListed = or(inArray(keys.status, [...LIVE_STATUSES]), inArray(keys.id, latestEnded));
  return selectKeys(queries, and(isOwn, isListed)).prepare();
});

/** The actor's keys, newest first: every live one, and the `ended` latest of the others. */
export async function listOwnKeys(
  { db }: Pick<AppContext, 'db'>,
  actor: Actor,
  { ended = Number.MAX_SAFE_INTEGER }: NonNullable<OwnKeysInput> = {},
): Promise<KeyView[]> {
  const rows = await selectOwnKeys(db.read).execute({ holder: actor.id, ended });
  return rows.map(toKeyView);
}

/** Errors: key-not-found. */
export async function getOwnKey(
  { db }: Pick<AppContext, 'db'>,
  actor: Actor,
  id: string,
): Promise<Result<KeyView>> {
  const row = await findKey(db.read, id, eq(keys.holderId, actor.id));
  return row === null ? err('key-not-found') : ok(toKeyView(row));
}
