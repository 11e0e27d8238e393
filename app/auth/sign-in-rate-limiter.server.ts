import { RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible';
import type { RefusedAttempt, SignInRateLimiter } from '~/app-context.server';
import { networkOf } from '~/net/ip-address';

const WINDOW_SECONDS = 15 * 60;
/** Per account and network: an attacker locks out their own network, not the account's owner elsewhere. */
const LIMIT_PER_ACCOUNT_AND_NETWORK = 10;
/** Much higher, since attackers on many networks can use it up and lock the owner out. */
const LIMIT_PER_ACCOUNT = 200;
/** Higher, since an office may share one address. */
const LIMIT_PER_NETWORK = 50;

/**
 * Counts failed attempts in 15 minutes in three ways: per account and network (guessing one password), per account
 * (guessing from many networks) and per network (trying one password on many accounts).
 */
export function createSignInRateLimiter(): SignInRateLimiter {
  const limiter = (points: number) => new RateLimiterMemory({ points, duration: WINDOW_SECONDS });
  const pairs = limiter(LIMIT_PER_ACCOUNT_AND_NETWORK);
  const accounts = limiter(LIMIT_PER_ACCOUNT);
  const networks = limiter(LIMIT_PER_NETWORK);
  return {
    async begin(account, address) {
      const network = networkOf(address ?? 'unknown');
      const pair = `${network} ${account}`;
      // In this order, so that attempts over one network's limit don't use up the account's.
      const refused =
        (await consume(networks, network)) ??
        (await consume(pairs, pair)) ??
        (await consume(accounts, account));
      if (refused !== null) return refused;
      return {
        ok: true,
        async succeeded() {
          await pairs.delete(pair);
          await accounts.reward(account);
          await networks.reward(network);
        },
      };
    },
  };
}

/** Counts one attempt. Returns the refusal if it exceeds the limit. */
async function consume(limiter: RateLimiterMemory, key: string): Promise<RefusedAttempt | null> {
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
