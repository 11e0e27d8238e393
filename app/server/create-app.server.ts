import { existsSync, mkdirSync } from 'node:fs';
import { openDatabase } from '~db/sqlite/connection.server';
import type { App } from '~/app-context.server';
import { createDenialSample } from '~/core/sampler.server';
import { startPurging } from '~/auth/sessions.server';
import { prepareSetup } from '~/auth/setup.server';
import { createThrottle } from '~/auth/sign-in-rate-limiter.server';
import { type Config, databaseFile } from '~/core/config.server';
import { makeDatabaseFile } from '~/data-dir/data-dir-lock.server';
import { createEvents } from '~/core/event-bus.server';
import type { Logger } from '~/core/logger.server';
import { seedCatalogue } from '~/tools/seed-catalogue.server';
import { openVault } from '~/master-key/master-key.server';

/** Opens the data folder and everything on it; `close` in reverse. */
export async function createApp(config: Config, log: Logger, now: () => number = Date.now): Promise<App> {
  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 });
  const path = databaseFile(config);
  if (!existsSync(path)) {
    makeDatabaseFile(path);
    // Where there should have been one, the folder is the wrong one, or its disk was not mounted.
    log.info({ path }, 'there was no database; made a new one');
  }
  const db = openDatabase(path);
  try {
    const vault = await openVault({ config, log, db, now });
    const app: App = {
      config,
      log,
      db,
      events: createEvents(),
      vault,
      throttle: createThrottle(),
      denials: createDenialSample(),
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
