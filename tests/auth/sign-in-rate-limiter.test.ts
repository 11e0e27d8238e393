import { afterEach, describe, expect, it, vi } from 'vitest';
import { createSignInRateLimiter } from '~/auth/sign-in-rate-limiter.server';

const ACCOUNT = 'sign-in:ada@example.com';
const OTHER_ACCOUNT = 'sign-in:bob@example.com';
const address = (n: number) => `192.0.2.${n}`;

afterEach(() => {
  vi.useRealTimers();
});

describe('the sign-in rate limiter', () => {
  it('allows ten failures per account and network', async () => {
    const limiter = createSignInRateLimiter();
    for (let n = 0; n < 10; n++) expect((await limiter.begin(ACCOUNT, address(1))).ok).toBe(true);
    const refused = await limiter.begin(ACCOUNT, address(1));
    expect(refused).toEqual({ ok: false, waitMinutes: 15, first: true });
    expect(await limiter.begin(ACCOUNT, address(1))).toMatchObject({ ok: false, first: false });
    expect((await limiter.begin(OTHER_ACCOUNT, address(1))).ok).toBe(true);
  });

  it("doesn't lock owners out for attempts from another network", async () => {
    const limiter = createSignInRateLimiter();
    for (let n = 0; n < 500; n++) await limiter.begin(ACCOUNT, address(1));
    expect((await limiter.begin(ACCOUNT, address(2))).ok).toBe(true);
  });

  it('allows 200 failures per account from all networks together', async () => {
    const limiter = createSignInRateLimiter();
    for (let n = 0; n < 200; n++) expect((await limiter.begin(ACCOUNT, address(n))).ok).toBe(true);
    expect(await limiter.begin(ACCOUNT, address(201))).toMatchObject({ ok: false, first: true });
    expect((await limiter.begin(OTHER_ACCOUNT, address(202))).ok).toBe(true);
  });

  it('counts attempts before passwords are verified, so concurrent ones are limited too', async () => {
    const limiter = createSignInRateLimiter();
    const attempts = await Promise.all(Array.from({ length: 40 }, () => limiter.begin(ACCOUNT, address(1))));
    expect(attempts.filter(({ ok }) => ok)).toHaveLength(10);
  });

  it("allows 50 failures per network, and those refused don't count for their accounts", async () => {
    const limiter = createSignInRateLimiter();
    for (let n = 0; n < 50; n++) expect((await limiter.begin(`account-${n}`, address(1))).ok).toBe(true);
    for (let n = 0; n < 20; n++) expect((await limiter.begin(ACCOUNT, address(1))).ok).toBe(false);
    expect((await limiter.begin(ACCOUNT, address(2))).ok).toBe(true);
  });

  it('counts failures only', async () => {
    const limiter = createSignInRateLimiter();
    for (let n = 0; n < 200; n++) {
      const attempt = await limiter.begin(ACCOUNT, address(1));
      if (!attempt.ok) expect.unreachable('a success was counted');
      else await attempt.succeeded();
    }
  });

  it('resets after 15 minutes', async () => {
    vi.useFakeTimers();
    const limiter = createSignInRateLimiter();
    for (let n = 0; n < 11; n++) await limiter.begin(ACCOUNT, address(1));
    vi.advanceTimersByTime(14 * 60_000);
    expect(await limiter.begin(ACCOUNT, address(1))).toMatchObject({ ok: false, waitMinutes: 1 });
    vi.advanceTimersByTime(60_001);
    expect((await limiter.begin(ACCOUNT, address(1))).ok).toBe(true);
  });

  it('treats the /64 of an IPv6 customer as one network', async () => {
    const limiter = createSignInRateLimiter();
    for (let n = 0; n < 50; n++) await limiter.begin(`account-${n}`, `2001:db8:1:2:${n}::1`);
    expect((await limiter.begin(ACCOUNT, '2001:db8:1:2:ffff::1')).ok).toBe(false);
    expect((await limiter.begin(ACCOUNT, '2001:db8:1:3::1')).ok).toBe(true);
  });
});
