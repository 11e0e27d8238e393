import { describe, expect, test } from 'vitest';
import { ActiveCalls, type ConcurrencyLimits } from '~/gateway/active-calls.server';
import type { RoutedKey } from '~/gateway/key-records';
import { violatedCallPolicy, violatedKeyPolicy } from '~/gateway/policies';

const acceptable: RoutedKey = {
  id: 'key',
  isActive: true,
  revokedAt: null,
  holderId: 'holder',
  isHolderDisabled: false,
  toolId: 'tool',
  isForTool: true,
  isToolArchived: false,
  dialect: 'openai',
  upstreamUrl: 'https://api.example.com',
  credentialHeader: null,
  needsCredential: true,
  allowsPlainHttp: false,
  headersTimeoutMs: 1,
  maxConcurrentPerKey: null,
  maxConcurrent: null,
  encryptedCredential: 'encrypted',
};

describe('gateway policies', () => {
  test('are checked in order: key, holder, tool of the key, state of the tool', () => {
    const violations = [
      ['key-revoked', { isActive: false }],
      ['holder-disabled', { isHolderDisabled: true }],
      ['wrong-tool', { isForTool: false }],
      ['tool-archived', { isToolArchived: true }],
    ] as const;
    let key = acceptable;
    expect(violatedKeyPolicy(key)).toBeNull();
    for (const [reason, violation] of violations.toReversed()) {
      expect(violatedKeyPolicy({ ...acceptable, ...violation })).toBe(reason);
      key = { ...key, ...violation };
      expect(violatedKeyPolicy(key)).toBe(reason);
    }
  });

  test.each<[string | null, Partial<RoutedKey>, ConcurrencyLimits?]>([
    ['credential-missing', { encryptedCredential: null, maxConcurrentPerKey: 1 }],
    [null, { encryptedCredential: null, needsCredential: false }],
    [null, { encryptedCredential: null, upstreamUrl: null }],
    [null, { maxConcurrentPerKey: 2, maxConcurrent: 3 }],
    ['key-concurrency-limit', { maxConcurrentPerKey: 1, maxConcurrent: 1 }],
    ['tool-concurrency-limit', { maxConcurrent: 2 }],
    ['key-concurrency-limit', {}, { overall: 9, perKey: 1 }],
    ['server-concurrency-limit', {}, { overall: 2, perKey: 9 }],
  ])('report %s for a key with %j when it and another have one call each', (reason, changes, limits) => {
    const calls = new ActiveCalls(limits ?? { overall: 9, perKey: 9 });
    for (const keyId of ['key', 'other'])
      calls.add({ keyId, holderId: 'holder', toolId: 'tool', index: null, abort: () => undefined });
    expect(violatedCallPolicy({ ...acceptable, ...changes }, calls)).toBe(reason);
  });
});
