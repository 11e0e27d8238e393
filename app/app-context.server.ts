import type { Database } from '~db/sqlite/connection.server';
import type { DenialSample } from './core/sampler.server';
import type { SetupGate } from './auth/setup-token.server';
import type { Throttle } from './auth/sign-in-rate-limiter.server';
import type { Config } from './core/config.server';
import type { Events } from './core/event-bus.server';
import type { Logger } from './core/logger.server';
import type { Vault } from './crypto/encryption.server';

/** Everything that lives as long as the process, handed down as an argument. Nothing of it is global. */
export interface App {
  config: Config;
  log: Logger;
  db: Database;
  events: Events;
  /** Seals and opens the providers' credentials. */
  vault: Vault;
  throttle: Throttle;
  denials: DenialSample;
  /** Open while there are no users. */
  setup: SetupGate | null;
  /** Ends the removal of expired sessions, which goes on in the background. */
  stopPurging: () => void;
  /** Milliseconds since the epoch. */
  now: () => number;
}
