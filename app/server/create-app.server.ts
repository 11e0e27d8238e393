import { existsSync, mkdirSync } from 'node:fs';
import type { AppContext } from '~/app-context.server';
import { startPurging } from '~/auth/purge-sessions.server';
import { prepareSetup } from '~/auth/setup.server';
import { createSignInRateLimiter } from '~/auth/sign-in-rate-limiter.server';
import { type Config, databaseFile } from '~/core/config.server';
import { createEventBus } from '~/core/event-bus.server';
import type { Logger } from '~/core/logger.server';
import { createSampler } from '~/core/sampler.server';
import { createDatabaseFile } from '~/data-dir/database-file.server';
import { openEncryption } from '~/master-key/master-key.server';
import { seedCatalogue } from '~/tools/seed-catalogue.server';
import { openDatabase, type SqliteDatabase } from '~db/sqlite/connection.server';

/** The application context of a running server. */
export type App = AppContext & { db: SqliteDatabase };

/** Opens the data directory and creates everything the server needs. Close it with `closeApp`. */
export async function createApp(config: Config, log: Logger, now: () => number = Date.now): Promise<App> {
  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 });
  const path = databaseFile(config);
  if (!existsSync(path)) {
    createDatabaseFile(path);
    // Logged because it may be unexpected: a wrong DATA_DIR, or a disk that isn't mounted.
    log.info({ path }, 'created a new database');
  }
  const db = openDatabase(path);
  try {
    const encryption = await openEncryption({ config, log, db, now });
    const app: App = {
      config,
      log,
      db,
      events: createEventBus(),
      encryption,
      signInRateLimiter: createSignInRateLimiter(),
      deniedSampler: createSampler(),
      setupToken: null,
      stopPurging: () => undefined,
      now,
    };
    await seedCatalogue(app);
    app.setupToken = await prepareSetup(app);
    app.stopPurging = await startPurging(app);
    return app;
  } catch (error) {
    await db.close();
    throw error;
  }
}

/** Waits for queued writes and closes the database. */
export async function closeApp(app: AppContext): Promise<void> {
  app.stopPurging();
  await app.db.close();
}
