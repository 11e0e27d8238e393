import { type KeyEvent, type Transition, transitions } from '~/keys/key-state-machine';
import type { KeyStatus } from '~db/schema/enums';

/** May this happen to a key in this state, by the table that the product's updates take their conditions from? */
export function mayHappen(event: KeyEvent, key: { status: KeyStatus; revealed: boolean }): boolean {
  const { from, once }: Transition = transitions[event];
  return key.status === from && !(once && key.revealed);
}
