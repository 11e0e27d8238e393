const UTC = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' });

/** `7 Nov 2026, 14:03 UTC`, from milliseconds since the epoch; the same on server and client. */
export const formatUtc = (at: number): string => `${UTC.format(at)} UTC`;

const LOCAL = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'long' });

/** `7 Nov 2026, 15:03:12 CET`, as the reader's browser writes and counts it. */
export const formatLocal = (at: number): string => LOCAL.format(at);

const MINUTE_MS = 60_000;
const RELATIVE = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_536_000_000],
  ['month', 2_592_000_000],
  ['week', 604_800_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', MINUTE_MS],
];

/** `3 hours ago`, `in 2 days`, `just now`: `at` as seen from `now`, both in milliseconds. */
export function formatRelative(at: number, now: number): string {
  // What is to come is counted in whole minutes, upwards: a limit of seven days is a week off, not six days.
  const distance = at > now ? Math.ceil((at - now) / MINUTE_MS) * MINUTE_MS : at - now;
  for (const [unit, size] of STEPS) {
    if (Math.abs(distance) >= size) return RELATIVE.format(Math.trunc(distance / size), unit);
  }
  return 'just now';
}
