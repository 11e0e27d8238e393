import { hashRawKey, type KeyKind, parseRawKey } from '~/crypto/key-format.server';
import type { GatewayErrorReason } from './error-catalogue';
import type { KeyRecord } from './key-records';
import { violatedKeyPolicy } from './policies';

/** An error names the key only if the caller presented that key's secret. */
export type KeyCheckResult<Found extends KeyRecord> =
  | { ok: true; key: Found }
  | { ok: false; reason: GatewayErrorReason; key: Found | null };

/**
 * The key check of both endpoints: shape and checksum without the database, one read, then the key policies. Accepted
 * keys are not cached, so the first call after a revocation commits is rejected.
 *
 * @param presented everything sent as a key. Values that aren't My AI Keys keys are skipped, so an old
 * `Authorization` header doesn't invalidate a good `x-api-key`.
 * @param find returns the key with this hash, its holder and tool. Called at most once.
 */
export function verifyKey<Found extends KeyRecord>(
  presented: readonly string[],
  find: (hash: string, kind: KeyKind) => Found | null,
): KeyCheckResult<Found> {
  let rawKey: string | null = null;
  let kind: KeyKind = 'aik';
  for (const candidate of presented) {
    if (candidate === rawKey) continue;
    const parsed = parseRawKey(candidate);
    if (parsed === null) continue;
    if (rawKey !== null) return rejected('multiple-keys');
    rawKey = candidate;
    kind = parsed.kind;
  }
  if (rawKey === null) return rejected(presented.length === 0 ? 'key-missing' : 'key-malformed');

  const key = find(hashRawKey(rawKey), kind);
  if (key === null) return rejected('key-unknown');
  const reason = violatedKeyPolicy(key);
  return reason === null ? { ok: true, key } : rejected(reason, key);
}

const rejected = <Found extends KeyRecord>(
  reason: GatewayErrorReason,
  key: Found | null = null,
): KeyCheckResult<Found> => ({ ok: false, reason, key });
