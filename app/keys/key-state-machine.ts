import type { KeyStatus } from '~db/schema/enums';

export interface Transition {
  from: KeyStatus;
  to: KeyStatus;
  /** Only for a key whose secret wasn't minted yet. */
  once?: true;
}

/**
 * Every change of a key's status after its request. Updates take their `where` (`transitionAllowed`) and their new status
 * from this table. `REJECTED` and `REVOKED` are final. The CHECKs in `db/schema/keys.ts` mirror which status may have a
 * secret.
 */
export const transitions = {
  approve: { from: 'PENDING', to: 'ACTIVE' },
  reject: { from: 'PENDING', to: 'REJECTED' },
  withdraw: { from: 'PENDING', to: 'REVOKED' },
  reveal: { from: 'ACTIVE', to: 'ACTIVE', once: true },
  revoke: { from: 'ACTIVE', to: 'REVOKED' },
} as const satisfies Record<string, Transition>;

export type KeyEvent = keyof typeof transitions;

/** A holder can't request a second key for a tool and environment while one with these statuses exists. */
export const LIVE_STATUSES = ['PENDING', 'ACTIVE'] as const satisfies KeyStatus[];

export const isLive = (status: KeyStatus): boolean => LIVE_STATUSES.some((live) => live === status);
