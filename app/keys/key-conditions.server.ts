import { and, eq, isNull, type SQL, sql } from 'drizzle-orm';
import { keys } from '~db/schema';
import { type KeyEvent, type Transition, transitions } from './key-state-machine';

/** The `where` of an update that makes this transition: no row matches when the state machine forbids it. */
export function transitionAllowed(event: KeyEvent): SQL | undefined {
  const { from, once }: Transition = transitions[event];
  return and(eq(keys.status, from), once ? isNull(keys.revealedAt) : undefined);
}

/**
 * Written exactly as in the partial index `keys_one_live`. With the statuses as parameters, SQLite doesn't recognise the
 * index and scans all keys of the tool.
 */
export const isLiveKey = sql`${keys.status} in ('PENDING', 'ACTIVE')`;
