import { RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible';
import { networkOf } from '~/wire/address';

const WINDOW_SECONDS = 15 * 60;
const TRIES_PER_ACCOUNT = 10;
/** Higher, since an office may share one address. */
const TRIES_PER_ADDRESS = 50;

type Attempt =
  | { ok: true /** Gives the try back: only failures count. */; succeeded(): Promise<void> }
  | { ok: false; waitMinutes: number /** True once a window, for the audit trail. */; first: boolean };

/** Slows down the guessing of passwords. In memory, so it begins anew with the process. */
export interface Throttle {
  /**
   * Counts a try before its password is looked at, so that many at once cannot slip past; to be called for
   * accounts that don't exist too.
   */
  begin(account: string, address: string | null): Promise<Attempt>;
}

/**
 * Two counts of failures in 15 minutes: one for each account, against one person's password being guessed
 * from many addresses, and one for each address, against one password being tried on many accounts.
 */
export function createThrottle(): Throttle {
  const accounts = new RateLimiterMemory({ points: TRIES_PER_ACCOUNT, duration: WINDOW_SECONDS });
  const addresses = new RateLimiterMemory({ points: TRIES_PER_ADDRESS, duration: WINDOW_SECONDS });
  return {
    async begin(account, address) {
      const network = networkOf(address ?? 'unknown');
      // The address first: what it sends over its limit must not use up somebody's account.
      const refused = (await over(addresses, network)) ?? (await over(accounts, account));
      if (refused !== null) return refused;
      return {
        ok: true,
        async succeeded() {
          await accounts.delete(account);
          await addresses.reward(network);
        },
      };
    },
  };
}

async function over(limiter: RateLimiterMemory, key: string): Promise<(Attempt & { ok: false }) | null> {
  try {
    await limiter.consume(key);
    return null;
  } catch (rejection) {
    if (rejection instanceof Error) throw rejection;
    const { msBeforeNext, consumedPoints } = rejection as RateLimiterRes;
    return {
      ok: false,
      waitMinutes: Math.max(1, Math.ceil(msBeforeNext / 60_000)),
      first: consumedPoints === limiter.points + 1,
    };
  }
}
