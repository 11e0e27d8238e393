import { and, eq, isNull, type SQL } from 'drizzle-orm';
import { keys } from '~db/schema';
import { type KeyEvent, type Transition, transitions } from './key-state-machine';

/** The condition that this may happen to a key as it is now: the table's row, as the `where` of an update. */
export function transitionAllowed(event: KeyEvent): SQL | undefined {
  const { from, once }: Transition = transitions[event];
  return and(eq(keys.status, from), once ? isNull(keys.revealedAt) : undefined);
}
