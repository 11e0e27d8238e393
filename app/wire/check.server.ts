import { hashRawKey, parseRawKey } from '~/keys/raw-key.server';
import type { FoundKey } from './lookup.server';
import type { WireReason } from './refusals';

/** What the check says. A refusal names the key where its bearer has proved to hold one. */
export type Verdict<Found> =
  | { ok: true; found: Found }
  | { ok: false; reason: WireReason; key: FoundKey | null };

/**
 * The one check of both doors, in this order: the carriers; shape and checksum, without the database; one
 * read; and only then what the row says. There is no cache of acceptances, so a key is refused by the very
 * next call after its revocation was committed.
 *
 * @param presented everything that was sent as a key. What is no key of ours is passed over, so that an old
 * `Authorization` does not defeat a good `x-api-key`.
 * @param slug the tool that was asked for.
 * @param find the row of a hash; called once at most.
 */
export function check<Found>(
  presented: readonly string[],
  slug: string,
  find: (hash: string) => Found | null,
  keyOf: (found: Found) => FoundKey,
): Verdict<Found> {
  let rawKey: string | null = null;
  for (const candidate of presented) {
    if (candidate === rawKey || parseRawKey(candidate) === null) continue;
    if (rawKey !== null) return refused('keys-conflict');
    rawKey = candidate;
  }
  if (rawKey === null) return refused(presented.length === 0 ? 'key-missing' : 'key-malformed');

  const found = find(hashRawKey(rawKey));
  if (found === null) return refused('key-unknown');
  const key = keyOf(found);
  if (key.status !== 'ACTIVE') return refused('key-revoked', key);
  if (key.holderDisabledAt !== null) return refused('holder-disabled', key);
  if (key.slug !== slug) return refused('other-tool', key);
  if (key.toolArchivedAt !== null) return refused('tool-archived', key);
  return { ok: true, found };
}

const refused = (reason: WireReason, key: FoundKey | null = null) => ({ ok: false as const, reason, key });
