import type { KeyStatus } from '~db/schema/enums';

export interface Transition {
  from: KeyStatus;
  to: KeyStatus;
  /** Happens at most once: only to a key whose secret has not been minted yet. */
  once?: true;
}

/**
 * What can happen to a key after its request, whole: every conditional update takes its condition
 * (`mayHappenNow`) and its `to` from here, and what is not here is refused. `REJECTED` and `REVOKED` are final. The CHECKs of
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

/** The statuses of a live key, which keeps its holder from requesting another for the same tool and environment. */
export const LIVE_STATUSES = ['PENDING', 'ACTIVE'] as const satisfies KeyStatus[];

export const isLive = (status: KeyStatus): boolean => LIVE_STATUSES.some((live) => live === status);
