import fc from 'fast-check';
import { environments, userRoles } from '~db/schema/enums';
import type { Step } from './model';
import { PEOPLE, TOOLS } from './model-world';

/** Steps refer to the first this many keys of a walk. */
const MOST_KEYS = 24;

const index = (below: number) => fc.nat(below - 1);
const key = index(MOST_KEYS);
const person = index(PEOPLE.length);
const tool = index(TOOLS.length);

/** Requests are frequent, because everything else needs keys; people and tools change rarely, or most steps would fail. */
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      does: fc.constant('request' as const),
      by: person,
      tool,
      environment: fc.constantFrom(...environments),
    }),
  },
  {
    weight: 16,
    arbitrary: fc.record({
      does: fc.constantFrom('approve' as const, 'reject' as const, 'withdraw' as const, 'reveal' as const),
      by: person,
      key,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      does: fc.constant('revoke' as const),
      by: person,
      key,
      reason: fc.constantFrom(undefined, 'no longer needed'),
    }),
  },
  { weight: 8, arbitrary: fc.record({ does: fc.constant('verify' as const), by: person, key, tool }) },
  {
    weight: 1,
    arbitrary: fc.record({
      does: fc.constant('setRequiresApproval' as const),
      by: person,
      tool,
      requiresApproval: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ does: fc.constantFrom('archive' as const, 'restore' as const), by: person, tool }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      does: fc.constantFrom('disable' as const, 'enable' as const),
      by: person,
      whom: person,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      does: fc.constant('setRole' as const),
      by: person,
      whom: person,
      role: fc.constantFrom(...userRoles),
    }),
  },
);

/** Walks of 1 to 200 steps; fast-check shrinks a failing one. */
export const walks = fc.array(step, { minLength: 1, maxLength: 200, size: 'max' });
