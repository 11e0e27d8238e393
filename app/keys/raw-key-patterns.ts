import type { KeyView } from './key-types';
import type { RegisterKey } from './keys.schema';

const DAY_MS = 86_400_000;
/** A key used this lately is probably in use: revoking it asks for more than a click. */
const RECENTLY_MS = 7 * DAY_MS;

/** How a key is named on pages and to screen readers: `Echo, development`. */
export const keyName = ({ tool, environment }: Pick<KeyView, 'tool' | 'environment'>): string =>
  `${tool.displayName}, ${environment}`;

/** Whether revoking this key needs its tool's slug typed in. */
export function needsTypedConfirmation({ lastUsedAt }: Pick<KeyView, 'lastUsedAt'>, now: number): boolean {
  return lastUsedAt !== null && now - lastUsedAt < RECENTLY_MS;
}

/** Whether a service account holds the key, and not a person. */
export const isOfService = ({ holder }: Pick<RegisterKey, 'holder'>): boolean => holder.email === null;

/**
 * What has to be typed to revoke these keys, null when a click will do: one key of a service account takes the
 * account's name, one that was used lately its tool's slug, several together their number.
 */
export function wordsToConfirm(
  chosen: Pick<RegisterKey, 'lastUsedAt' | 'tool' | 'holder'>[],
  now: number,
): string | null {
  const [only] = chosen;
  if (chosen.length > 1) return `revoke ${chosen.length} keys`;
  if (only !== undefined && isOfService(only)) return only.holder.name;
  return only !== undefined && needsTypedConfirmation(only, now) ? only.tool.slug : null;
}

/** More of a key than its display prefix: it must not stand in a search, whose words become an address. */
export const MORE_THAN_A_PREFIX = 'ai[ks]_(dev|stg|prod)_[0-9A-Za-z]{7}';
export const RAW_KEY_IN_SEARCH =
  'This is more of a raw key than its prefix, and a search ends up in addresses. Look it up under “Look up a leaked key”.';
export const RAW_KEY_IN_TEXT =
  'This holds a raw key, which must not be written down here. Name the key by its prefix instead.';
