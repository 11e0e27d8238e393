import type { AdminKeyView, KeyView } from '~/keys/keys.schema';

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
export const isServiceAccountKey = ({ holder }: Pick<AdminKeyView, 'holder'>): boolean =>
  holder.email === null;

/**
 * What has to be typed to revoke these keys, null when a click will do: one key of a service account takes the
 * account's name, one that was used lately its tool's slug, several together their number.
 */
export function confirmationText(
  chosen: Pick<AdminKeyView, 'lastUsedAt' | 'tool' | 'holder'>[],
  now: number,
): string | null {
  const [only] = chosen;
  if (chosen.length > 1) return `revoke ${chosen.length} keys`;
  if (only !== undefined && isServiceAccountKey(only)) return only.holder.name;
  return only !== undefined && needsTypedConfirmation(only, now) ? only.tool.slug : null;
}
