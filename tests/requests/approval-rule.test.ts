import { describe, expect, it } from 'vitest';
import { mayDecide, needsApproval } from '~/requests/approval-rule';
import { environments } from '~db/schema/enums';

describe('approval rule', () => {
  it('needs approval only for production keys of a tool that requires it', () => {
    const needing = [true, false].flatMap((requiresApproval) =>
      environments
        .filter((environment) => needsApproval({ requiresApproval }, environment))
        .map((environment) => `${requiresApproval} ${environment}`),
    );
    expect(needing).toEqual(['true production']);
  });

  it('lets an admin decide on another person’s request, however many admins there are', () => {
    for (const admins of [1, 2, 10]) expect(mayDecide('a', 'b', admins)).toBe('yes');
  });

  it('lets only the only enabled admin decide on their own request', () => {
    expect(mayDecide('a', 'a', 1)).toBe('as-only-admin');
    expect(mayDecide('a', 'a', 2)).toBe('no');
    // The asking admin is disabled meanwhile: the count can be 0, and that is no licence.
    expect(mayDecide('a', 'a', 0)).toBe('no');
  });
});
