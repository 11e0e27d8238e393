import { describe, expect, it } from 'vitest';
import { mayDecide, needsApproval } from '~/requests/approval-rule';
import { environments } from '~db/schema/enums';

describe('the approval rule', () => {
  it('asks for approval for production of a tool that requires it, and in no other case', () => {
    const needing = [true, false].flatMap((requiresApproval) =>
      environments
        .filter((environment) => needsApproval({ requiresApproval }, environment))
        .map((environment) => `${requiresApproval} ${environment}`),
    );
    expect(needing).toEqual(['true production']);
  });

  it('lets an admin decide on anybody else’s request, however many admins there are', () => {
    for (const admins of [1, 2, 10]) expect(mayDecide('a', 'b', admins)).toBe('yes');
  });

  it('lets nobody decide on their own request but the only enabled admin', () => {
    expect(mayDecide('a', 'a', 1)).toBe('as-only-admin');
    expect(mayDecide('a', 'a', 2)).toBe('no');
    // The asking admin is disabled meanwhile: the count can be 0, and that is no licence.
    expect(mayDecide('a', 'a', 0)).toBe('no');
  });
});
