import { afterEach, describe, expect, it, vi } from 'vitest';
import { createSignInRateLimiter } from '~/auth/sign-in-rate-limiter.server';

const ACCOUNT = 'sign-in:ada@example.com';
const address = (n: number) => `192.0.2.${n}`;

afterEach(() => {
  vi.useRealTimers();
});

describe('the throttle', () => {
  it('lets an account be tried ten times from one network, and no more', async () => {
    const throttle = createSignInRateLimiter();
    for (let n = 0; n < 10; n++) expect((await throttle.begin(ACCOUNT, address(1))).ok).toBe(true);
    const refused = await throttle.begin(ACCOUNT, address(1));
    expect(refused).toEqual({ ok: false, waitMinutes: 15, first: true });
    expect(await throttle.begin(ACCOUNT, address(1))).toMatchObject({ ok: false, first: false });
    expect((await throttle.begin('sign-in:bob@example.com', address(1))).ok).toBe(true);
  });

  it('locks nobody out of their account for what a stranger tries from elsewhere', async () => {
    const throttle = createSignInRateLimiter();
    for (let n = 0; n < 500; n++) await throttle.begin(ACCOUNT, address(1));
    expect((await throttle.begin(ACCOUNT, address(2))).ok).toBe(true);
  });

  it('lets an account be tried two hundred times from all networks together, and no more', async () => {
    const throttle = createSignInRateLimiter();
    for (let n = 0; n < 200; n++) expect((await throttle.begin(ACCOUNT, address(n))).ok).toBe(true);
    expect(await throttle.begin(ACCOUNT, address(201))).toMatchObject({ ok: false, first: true });
    expect((await throttle.begin('sign-in:bob@example.com', address(202))).ok).toBe(true);
  });

  it('counts tries before their passwords are looked at, so that many at once do not slip past', async () => {
    const throttle = createSignInRateLimiter();
    const attempts = await Promise.all(Array.from({ length: 40 }, () => throttle.begin(ACCOUNT, address(1))));
    expect(attempts.filter(({ ok }) => ok)).toHaveLength(10);
  });

  it('refuses an address that tries many accounts, without using up those accounts', async () => {
    const throttle = createSignInRateLimiter();
    for (let n = 0; n < 50; n++) expect((await throttle.begin(`account-${n}`, address(1))).ok).toBe(true);
    for (let n = 0; n < 20; n++) expect((await throttle.begin(ACCOUNT, address(1))).ok).toBe(false);
    expect((await throttle.begin(ACCOUNT, address(2))).ok).toBe(true);
  });

  it('counts failures only: a success gives the try back, and the account its tries', async () => {
    const throttle = createSignInRateLimiter();
    for (let n = 0; n < 200; n++) {
      const attempt = await throttle.begin(ACCOUNT, address(1));
      if (!attempt.ok) expect.unreachable('a success was counted');
      else await attempt.succeeded();
    }
  });

  it('forgets after a quarter of an hour', async () => {
    vi.useFakeTimers();
    const throttle = createSignInRateLimiter();
    for (let n = 0; n < 11; n++) await throttle.begin(ACCOUNT, address(1));
    vi.advanceTimersByTime(14 * 60_000);
    expect(await throttle.begin(ACCOUNT, address(1))).toMatchObject({ ok: false, waitMinutes: 1 });
    vi.advanceTimersByTime(60_001);
    expect((await throttle.begin(ACCOUNT, address(1))).ok).toBe(true);
  });

  it('takes all the addresses that one IPv6 customer has for one', async () => {
    const throttle = createSignInRateLimiter();
    for (let n = 0; n < 50; n++) await throttle.begin(`account-${n}`, `2001:db8:1:2:${n}::1`);
    expect((await throttle.begin(ACCOUNT, '2001:db8:1:2:ffff::1')).ok).toBe(false);
    expect((await throttle.begin(ACCOUNT, '2001:db8:1:3::1')).ok).toBe(true);
  });
});
