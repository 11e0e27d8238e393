import type { ActiveCalls } from './active-calls.server';
import type { GatewayErrorReason } from './error-catalogue';
import type { KeyRecord, RoutedKey } from './key-records';

/** A condition under which a call is rejected, and the error the caller gets. */
interface Policy<Key, Context = undefined> {
  reason: GatewayErrorReason;
  isViolated(key: Key, context: Context): boolean;
}

/** Whether the key may be used, for both endpoints, in this order. Violations go on the audit trail. */
const keyPolicies: readonly Policy<KeyRecord>[] = [
  { reason: 'key-revoked', isViolated: (key) => !key.isActive },
  { reason: 'holder-disabled', isViolated: (key) => key.isHolderDisabled },
  { reason: 'wrong-tool', isViolated: (key) => !key.isForTool },
  { reason: 'tool-archived', isViolated: (key) => key.isToolArchived },
];

/** Whether the proxy can take one more call with an accepted key, in this order. */
const callPolicies: readonly Policy<RoutedKey, ActiveCalls>[] = [
  {
    reason: 'credential-missing',
    isViolated: (key) => key.needsCredential && key.encryptedCredential === null && key.upstreamUrl !== null,
  },
  {
    reason: 'key-concurrency-limit',
    isViolated: (key, calls) => calls.countOfKey(key.id) >= (key.maxConcurrentPerKey ?? calls.limits.perKey),
  },
  {
    reason: 'tool-concurrency-limit',
    isViolated: (key, calls) =>
      key.maxConcurrent !== null && calls.countOfTool(key.toolId) >= key.maxConcurrent,
  },
  { reason: 'server-concurrency-limit', isViolated: (_, calls) => calls.size >= calls.limits.overall },
];

/** Returns the reason of the first policy that this key violates, or null. */
export const violatedKeyPolicy = (key: KeyRecord): GatewayErrorReason | null =>
  firstViolated(keyPolicies, key, undefined);

/** Returns the reason of the first policy that one more call with this key would violate, or null. */
export const violatedCallPolicy = (key: RoutedKey, calls: ActiveCalls): GatewayErrorReason | null =>
  firstViolated(callPolicies, key, calls);

function firstViolated<Key, Context>(
  policies: readonly Policy<Key, Context>[],
  key: Key,
  context: Context,
): GatewayErrorReason | null {
  for (const policy of policies) if (policy.isViolated(key, context)) return policy.reason;
  return null;
}
