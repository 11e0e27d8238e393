import type { Database } from '~db/client.server';
import type { DenialSample } from './audit/denial-sample.server';
import type { SetupGate } from './auth/setup-gate.server';
import type { Throttle } from './auth/throttle.server';
import type { Config } from './config.server';
import type { Events } from './events.server';
import type { Logger } from './log.server';
import type { Vault } from './tools/vault.server';

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
