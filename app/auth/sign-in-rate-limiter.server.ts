import { RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible';
import type { RefusedAttempt, SignInRateLimiter } from '~/app-context.server';
import { networkOf } from '~/net/ip-address';

const WINDOW_SECONDS = 15 * 60;
/** For one account from one network: whoever guesses there locks themselves out, and not its owner elsewhere. */
const TRIES_PER_ACCOUNT_AND_NETWORK = 10;
/** Much higher, since strangers on many networks can use it up and lock the owner out with themselves. */
const TRIES_PER_ACCOUNT = 200;
/** Higher, since an office may share one address. */
const TRIES_PER_NETWORK = 50;

/**
 * Three counts of failures in 15 minutes: for each account from each network, against one person's password being
 * guessed; for each account, against that being done from many networks; for each network, against one password
 * being tried on many accounts.
 */
export function createSignInRateLimiter(): SignInRateLimiter {
  const limit = (points: number) => new RateLimiterMemory({ points, duration: WINDOW_SECONDS });
  const pairs = limit(TRIES_PER_ACCOUNT_AND_NETWORK);
  const accounts = limit(TRIES_PER_ACCOUNT);
  const networks = limit(TRIES_PER_NETWORK);
  return {
    async begin(account, address) {
      const network = networkOf(address ?? 'unknown');
      const pair = `${network} ${account}`;
      // In this order: what one network sends over its limits must not use up the account's.
      const refused =
        (await over(networks, network)) ?? (await over(pairs, pair)) ?? (await over(accounts, account));
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

async function over(limiter: RateLimiterMemory, key: string): Promise<RefusedAttempt | null> {
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
