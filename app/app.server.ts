import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Database, openDatabase } from '~db/client.server';
import { startPurging } from './auth/sessions.server';
import { prepareSetup, type SetupGate } from './auth/setup.server';
import { createThrottle, type Throttle } from './auth/throttle.server';
import type { Config } from './config.server';
import { createEvents, type Events } from './events.server';
import type { Logger } from './log.server';
import { seedCatalogue } from './tools/first-tools.server';
import { openVault } from './tools/master-key.server';
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
  /** Open while there are no users. */
  setup: SetupGate | null;
  /** Ends the removal of expired sessions, which goes on in the background. */
  stopPurging: () => void;
  /** Milliseconds since the epoch. */
  now: () => number;
}

/** Where the database stands in the data folder. */
export const databaseFile = ({ dataDir }: Pick<Config, 'dataDir'>): string =>
  join(dataDir, 'my-ai-keys.sqlite');

/** Opens the data folder and everything on it; `close` in reverse. */
export async function createApp(config: Config, log: Logger, now: () => number = Date.now): Promise<App> {
  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 });
  const db = openDatabase(databaseFile(config));
  try {
    const vault = await openVault({ config, log, db, now });
    const app: App = {
      config,
      log,
      db,
      events: createEvents(),
      vault,
      throttle: createThrottle(),
      setup: null,
      stopPurging: () => undefined,
      now,
    };
    await seedCatalogue(app);
    app.setup = await prepareSetup(app);
    app.stopPurging = await startPurging(app);
    return app;
  } catch (error) {
    await db.close();
    throw error;
  }
}

/** Waits for the last writes and lets go of the files. */
export async function closeApp(app: App): Promise<void> {
  app.stopPurging();
  await app.db.close();
}
