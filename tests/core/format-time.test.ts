import { describe, expect, it } from 'vitest';
import { formatRelative, formatUtc } from '~/core/format-time';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const NOW = Date.UTC(2026, 10, 22, 14, 3);

describe('time formatting', () => {
  it.each([
    [0, 'just now'],
    [-59 * SECOND, 'just now'],
    [-90 * SECOND, '1 minute ago'],
    [-119 * MINUTE, '1 hour ago'],
    [-DAY, 'yesterday'],
    [-13 * DAY, 'last week'],
    [-400 * DAY, 'last year'],
    [20 * SECOND, 'in 1 minute'],
    [7 * DAY - SECOND, 'next week'],
    [6 * DAY - SECOND, 'in 6 days'],
  ])('formats %i milliseconds from now as %j', (distance, text) => {
    expect(formatRelative(NOW + distance, NOW)).toBe(text);
  });

  it('formats a full date and time in UTC', () => {
    expect(formatUtc(NOW)).toBe('22 Nov 2026, 14:03 UTC');
  });
});
