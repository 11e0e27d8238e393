import { eq, sql } from 'drizzle-orm';
import type { App } from '~/app.server';
import type { Actor } from '~/audit/audit.server';
import { accept, type Outcome, refuse } from '~/errors';
import { prepared } from '~db/prepared.server';
import { keys } from '~db/schema';
import type { KeyView } from './key-types';
import { findKey, selectKeys, toKeyView } from './key-view.server';

const keysOf = prepared((queries) =>
  selectKeys(queries, eq(keys.holderId, sql.placeholder('holder'))).prepare(),
);

/** Every key that the actor holds, in whatever status, newest first. */
export async function listOwnKeys({ db }: Pick<App, 'db'>, actor: Actor): Promise<KeyView[]> {
  const rows = await keysOf(db.read).execute({ holder: actor.id });
  return rows.map(toKeyView);
}

/** One key of the actor's own. */
export async function getOwnKey(
  { db }: Pick<App, 'db'>,
  actor: Actor,
  id: string,
): Promise<Outcome<KeyView>> {
  const row = await findKey(db.read, id, eq(keys.holderId, actor.id));
  return row === null ? refuse('no-such-key') : accept(toKeyView(row));
}
