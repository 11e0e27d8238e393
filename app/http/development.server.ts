import type { RequestListener } from 'node:http';
import type { ServerBuild } from '@remix-run/node';
import { closeApp, createApp } from '~/app.server';
import { setupNotice } from '~/auth/setup.server';
import { readConfig } from '~/config.server';
import { createLogger } from '~/log.server';
import { createHandler } from './handler.server';

/** The application under Vite's development server: the same parts as `server.ts`, without its process. */
export async function startDevelopment(
  loadBuild: () => Promise<unknown>,
): Promise<{ handle: RequestListener; close(): Promise<void> }> {
  const config = readConfig(process.env);
  const app = await createApp(config, createLogger(config));
  const notice = setupNotice(app);
  if (notice !== null) console.log(notice);
  const build = () => loadBuild() as Promise<ServerBuild>;
  return { handle: createHandler(app, { build, development: true }), close: () => closeApp(app) };
}
