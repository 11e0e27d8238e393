import type { KeyStatus } from '~db/schema/words';

interface Transition {
  from: KeyStatus;
  to: KeyStatus;
  /** Happens at most once: only to a key whose secret has not been minted yet. */
  once?: true;
}

/**
 * What can happen to a key after its request, whole: every conditional update takes its `from` and `to` from
 * here, and what is not here is refused. `REJECTED` and `REVOKED` are final. The CHECKs of
 * `db/schema/keys.ts` mirror which states may hold a secret.
 */
export const transitions = {
  approve: { from: 'PENDING', to: 'ACTIVE' },
  reject: { from: 'PENDING', to: 'REJECTED' },
  withdraw: { from: 'PENDING', to: 'REVOKED' },
  reveal: { from: 'ACTIVE', to: 'ACTIVE', once: true },
  revoke: { from: 'ACTIVE', to: 'REVOKED' },
} as const satisfies Record<string, Transition>;

export type KeyEvent = keyof typeof transitions;

/** May this happen to a key in this state? */
export function mayHappen(event: KeyEvent, key: { status: KeyStatus; revealed: boolean }): boolean {
  const { from, once }: Transition = transitions[event];
  return key.status === from && !(once && key.revealed);
}

/** The statuses of a live key, which keeps its holder from requesting another for the same tool and environment. */
export const LIVE_STATUSES = ['PENDING', 'ACTIVE'] as const satisfies KeyStatus[];

export const isLive = (status: KeyStatus): boolean => LIVE_STATUSES.some((live) => live === status);
