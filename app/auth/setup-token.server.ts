import { timingSafeEqual } from 'node:crypto';
import type { SetupToken } from '~/app-context.server';
import { hashOneTimeToken, newOneTimeToken } from '~/crypto/one-time-token.server';

/** Creates a setup token, which only this process knows: a restart replaces it. */
export function createSetupToken(): SetupToken {
  const token = newOneTimeToken();
  const hash = Buffer.from(hashOneTimeToken(token));
  return {
    token,
    accepts: (presented) => timingSafeEqual(Buffer.from(hashOneTimeToken(presented)), hash),
  };
}
