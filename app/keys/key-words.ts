import type { KeyView } from './keys.schema';

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
