const UTC = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' });

/** `7 Nov 2026, 14:03 UTC`, the same on server and client. `at` is in milliseconds since the Unix epoch. */
export const formatUtc = (at: number): string => `${UTC.format(at)} UTC`;

const LOCAL = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'long' });

/** `7 Nov 2026, 15:03:12 CET`, in the browser's language and time zone. */
export const formatLocal = (at: number): string => LOCAL.format(at);

const MINUTE_MS = 60_000;
const RELATIVE = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_536_000_000],
  ['month', 2_592_000_000],
  ['week', 604_800_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', MINUTE_MS],
];

/** `3 hours ago`, `in 2 days`, `just now`. Both times are in milliseconds. */
export function formatRelative(at: number, now: number): string {
  // Round future times up to whole minutes, so that a new 7-day limit reads "next week", not "in 6 days".
  const distance = at > now ? Math.ceil((at - now) / MINUTE_MS) * MINUTE_MS : at - now;
  for (const [unit, size] of UNITS) {
    if (Math.abs(distance) >= size) return RELATIVE.format(Math.trunc(distance / size), unit);
  }
  return 'just now';
}
