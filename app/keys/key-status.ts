import type { KeyStatus } from '~db/schema/words';

/** What can happen to a key after its request. */
export type KeyEvent = 'approve' | 'reject' | 'withdraw' | 'reveal' | 'revoke';

export interface KeyState {
  status: KeyStatus;
  revealed: boolean;
}

/**
 * The life of a key, whole: what is not in this table is refused. `REJECTED` and `REVOKED` are final. A
 * secret exists exactly in the states with `revealed: true`; the CHECKs of `db/schema/keys.ts` mirror that.
 */
const TRANSITIONS: { event: KeyEvent; from: KeyState; to: KeyState }[] = [
  {
    event: 'approve',
    from: { status: 'PENDING', revealed: false },
    to: { status: 'ACTIVE', revealed: false },
  },
  {
    event: 'reject',
    from: { status: 'PENDING', revealed: false },
    to: { status: 'REJECTED', revealed: false },
  },
  {
    event: 'withdraw',
    from: { status: 'PENDING', revealed: false },
    to: { status: 'REVOKED', revealed: false },
  },
  { event: 'reveal', from: { status: 'ACTIVE', revealed: false }, to: { status: 'ACTIVE', revealed: true } },
  {
    event: 'revoke',
    from: { status: 'ACTIVE', revealed: false },
    to: { status: 'REVOKED', revealed: false },
  },
  { event: 'revoke', from: { status: 'ACTIVE', revealed: true }, to: { status: 'REVOKED', revealed: true } },
];

/** Where `event` leads from `state`; null when it may not happen there. */
export function nextState(state: KeyState, event: KeyEvent): KeyState | null {
  const transition = TRANSITIONS.find(
    ({ event: name, from }) =>
      name === event && from.status === state.status && from.revealed === state.revealed,
  );
  return transition?.to ?? null;
}

/** A live key keeps its holder from requesting another one for the same tool and environment. */
export const isLive = (status: KeyStatus): boolean => status === 'PENDING' || status === 'ACTIVE';
