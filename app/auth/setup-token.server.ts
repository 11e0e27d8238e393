import { timingSafeEqual } from 'node:crypto';
import type { SetupToken } from '~/app-context.server';
import { hashOneTimeToken, newOneTimeToken } from '~/crypto/one-time-token.server';

/** Creates a setup token that is known to this process only. */
export function createSetupToken(): SetupToken {
  const token = newOneTimeToken();
  const hash = Buffer.from(hashOneTimeToken(token));
  return {
    token,
    accepts: (presented) => timingSafeEqual(Buffer.from(hashOneTimeToken(presented)), hash),
  };
}
