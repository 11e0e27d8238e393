import type { Database } from '~db/database';
import type { Config } from './core/config.server';
import type { EventBus } from './core/event-bus.server';
import type { Logger } from './core/logger.server';
import type { Sampler } from './core/sampler.server';
import type { Encryption } from './crypto/encryption.server';

/** What lives as long as the process. It is passed as an argument; nothing is global. */
export interface AppContext {
  config: Config;
  log: Logger;
  db: Database;
  events: EventBus;
  /** Encrypts and decrypts provider credentials. */
  encryption: Encryption;
  signInRateLimiter: SignInRateLimiter;
  /** Limits `access.denied` entries on the audit trail. */
  deniedSampler: Sampler;
  /** Null once there is a user. */
  setupToken: SetupToken | null;
  /** Stops the removal of expired sessions in the background. */
  stopPurging: () => void;
  /** Milliseconds since the epoch. */
  now: () => number;
}

/** What a function that changes records needs. */
export type ChangeContext = Pick<AppContext, 'db' | 'events' | 'now'>;

/** Allows its bearer to create the first admin. */
export interface SetupToken {
  /** Printed on the console, never logged. */
  token: string;
  accepts(presented: string): boolean;
}

/** Limits password guessing. Kept in memory, so a restart resets it. */
export interface SignInRateLimiter {
  /**
   * Counts an attempt before its password is checked, so that concurrent attempts can't exceed the limit. Call it for
   * accounts that don't exist, too.
   *
   * @param account what attempts are counted for.
   * @param address the client's IP address, if known.
   */
  begin(account: string, address: string | null): Promise<AllowedAttempt | RefusedAttempt>;
}

export interface AllowedAttempt {
  ok: true;
  /** Removes the attempt from the count: only failures count. */
  succeeded(): Promise<void>;
}

export interface RefusedAttempt {
  ok: false;
  waitMinutes: number;
  /** True for the first refusal in a window, which goes on the audit trail. */
  first: boolean;
}
