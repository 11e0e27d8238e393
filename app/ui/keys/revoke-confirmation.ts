import type { AdminKeyView, KeyView } from '~/keys/keys.schema';

const DAY_MS = 86_400_000;
/** A key used within this time is probably in use: revoking it takes more than a click. */
const RECENT_USE_MS = 7 * DAY_MS;

/** A key's name on pages and for screen readers: `Echo, development`. */
export const keyName = ({ tool, environment }: Pick<KeyView, 'tool' | 'environment'>): string =>
  `${tool.displayName}, ${environment}`;

export function wasUsedRecently({ lastUsedAt }: Pick<KeyView, 'lastUsedAt'>, now: number): boolean {
  return lastUsedAt !== null && now - lastUsedAt < RECENT_USE_MS;
}

/** Whether the key belongs to a service account; people have an email address. */
export const isServiceAccountKey = ({ holder }: Pick<AdminKeyView, 'holder'>): boolean =>
  holder.email === null;

/**
 * What an admin has to type to revoke these keys; null if a click is enough. Several keys take their number, one key of a
 * service account the account's name, a recently used key its tool's slug.
 */
export function confirmationText(
  chosen: Pick<AdminKeyView, 'lastUsedAt' | 'tool' | 'holder'>[],
  now: number,
): string | null {
  const [only] = chosen;
  if (chosen.length > 1) return `revoke ${chosen.length} keys`;
  if (only !== undefined && isServiceAccountKey(only)) return only.holder.name;
  return only !== undefined && wasUsedRecently(only, now) ? only.tool.slug : null;
}
