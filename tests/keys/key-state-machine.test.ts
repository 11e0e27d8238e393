import { describe, expect, it } from 'vitest';
import { isLive, type KeyEvent, transitions } from '~/keys/key-state-machine';
import { type KeyStatus, keyStatuses } from '~db/schema/enums';
import { mayHappen } from './transition-allowed';

const events: KeyEvent[] = ['approve', 'reject', 'withdraw', 'reveal', 'revoke'];

/** The table written a second time: which event is allowed in which state, and the status it leads to. */
const allowed: Record<string, KeyStatus> = {
  'PENDING false approve': 'ACTIVE',
  'PENDING false reject': 'REJECTED',
  'PENDING false withdraw': 'REVOKED',
  'ACTIVE false reveal': 'ACTIVE',
  'ACTIVE false revoke': 'REVOKED',
  'ACTIVE true revoke': 'REVOKED',
};

describe('key state machine', () => {
  const cases = keyStatuses
    .flatMap((status) => [false, true].map((revealed) => ({ status, revealed })))
    // The database refuses these states: a key has no secret before it is active.
    .filter(({ status, revealed }) => !(revealed && (status === 'PENDING' || status === 'REJECTED')))
    .flatMap((state) => events.map((event) => ({ ...state, event })));

  it.each(cases)(
    '$event from $status (revealed: $revealed) follows the table',
    ({ status, revealed, event }) => {
      const expected = allowed[`${status} ${revealed} ${event}`];
      expect(mayHappen(event, { status, revealed })).toBe(expected !== undefined);
      if (expected !== undefined) expect(transitions[event].to).toBe(expected);
    },
  );

  it('counts only pending and active keys as live', () => {
    expect(keyStatuses.filter(isLive)).toEqual(['PENDING', 'ACTIVE']);
  });
});
