import { describe, expect, it } from 'vitest';
import { isLive, type KeyEvent, transitions } from '~/keys/key-state-machine';
import { type KeyStatus, keyStatuses } from '~db/schema/enums';
import { mayHappen } from './transition-allowed';

const events: KeyEvent[] = ['approve', 'reject', 'withdraw', 'reveal', 'revoke'];

/** The whole table, written out a second time: what may happen in which state, and where it leads. */
const allowed: Record<string, KeyStatus> = {
  'PENDING false approve': 'ACTIVE',
  'PENDING false reject': 'REJECTED',
  'PENDING false withdraw': 'REVOKED',
  'ACTIVE false reveal': 'ACTIVE',
  'ACTIVE false revoke': 'REVOKED',
  'ACTIVE true revoke': 'REVOKED',
};

describe('the life of a key', () => {
  const cases = keyStatuses
    .flatMap((status) => [false, true].map((revealed) => ({ status, revealed })))
    // No secret exists before a key is active: the database refuses these states.
    .filter(({ status, revealed }) => !(revealed && (status === 'PENDING' || status === 'REJECTED')))
    .flatMap((state) => events.map((event) => ({ ...state, event })));

  it.each(cases)(
    'from $status (revealed: $revealed), $event does what the table says and nothing else',
    ({ status, revealed, event }) => {
      const expected = allowed[`${status} ${revealed} ${event}`];
      expect(mayHappen(event, { status, revealed })).toBe(expected !== undefined);
      if (expected !== undefined) expect(transitions[event].to).toBe(expected);
    },
  );

  it('counts pending and active keys as live, and no other', () => {
    expect(keyStatuses.filter(isLive)).toEqual(['PENDING', 'ACTIVE']);
  });
});
