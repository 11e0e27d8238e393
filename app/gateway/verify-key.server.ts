import { hashRawKey, type KeyKind, parseRawKey } from '~/crypto/key-format.server';
import type { GatewayErrorCode } from './error-catalogue';
import type { KeyRecord } from './key-records';

/** What the check says. A refusal names the key where its bearer has proved to hold one. */
export type KeyVerdict<Found extends KeyRecord> =
  | { ok: true; key: Found }
  | { ok: false; reason: GatewayErrorCode; key: Found | null };

/**
 * The one check of both endpoints, in this order: the carriers; shape and checksum, without the database; one
 * read; and only then what the row says. There is no cache of acceptances, so a key is refused by the very
 * next call after its revocation was committed.
 *
 * @param presented everything that was sent as a key. What is no key of ours is passed over, so that an old
 * `Authorization` does not defeat a good `x-api-key`.
 * @param find the key of this kind with this hash, with its holder and tool; called once at most.
 */
export function verifyKey<Found extends KeyRecord>(
  presented: readonly string[],
  find: (hash: string, kind: KeyKind) => Found | null,
): KeyVerdict<Found> {
  let rawKey: string | null = null;
  let kind: KeyKind = 'aik';
  for (const candidate of presented) {
    if (candidate === rawKey) continue;
    const parsed = parseRawKey(candidate);
    if (parsed === null) continue;
    if (rawKey !== null) return refused('keys-conflict');
    rawKey = candidate;
    kind = parsed.kind;
  }
  if (rawKey === null) return refused(presented.length === 0 ? 'key-missing' : 'key-malformed');

  const key = find(hashRawKey(rawKey), kind);
  if (key === null) return refused('key-unknown');
  if (!key.isActive) return refused('key-revoked', key);
  if (key.isHolderDisabled) return refused('holder-disabled', key);
  if (!key.isForTool) return refused('other-tool', key);
  if (key.isToolArchived) return refused('tool-archived', key);
  return { ok: true, key };
}

const refused = <Found extends KeyRecord>(
  reason: GatewayErrorCode,
  key: Found | null = null,
): KeyVerdict<Found> => ({
  ok: false,
  reason,
  key,
});
