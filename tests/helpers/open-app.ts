import { readConfig } from '~/core/config.server';
import { createLogger } from '~/core/logger.server';
import { type App, createApp } from '~/server/create-app.server';

/** The application on this data directory, without its HTTP server and without log output. */
export function openApp(dataDir: string, settings: Record<string, string> = {}): Promise<App> {
  const config = readConfig({ DATA_DIR: dataDir, LOG_LEVEL: 'silent', ...settings });
  return createApp(config, createLogger(config));
}
