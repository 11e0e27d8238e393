import { timingSafeEqual } from 'node:crypto';
import { hashOneTimeToken, newOneTimeToken } from '~/crypto/one-time-token.server';

/** The way in while there are no users: whoever bears this start's token may create the first admin. */
export interface SetupGate {
  /** Told to the person at the console, and to nobody else. */
  token: string;
  accepts(presented: string): boolean;
}

/** A gate with a token of its own, known to this process only. */
export function createSetupGate(): SetupGate {
  const token = newOneTimeToken();
  const hash = Buffer.from(hashOneTimeToken(token));
  return {
    token,
    accepts: (presented) => timingSafeEqual(Buffer.from(hashOneTimeToken(presented)), hash),
  };
}
