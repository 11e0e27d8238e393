import type { IncomingMessage, RequestListener } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ServerBuild } from '@remix-run/node';
import { setupNotice } from '~/auth/setup.server';
import { readConfig } from '~/core/config.server';
import { createLogger } from '~/core/logger.server';
import { acquireDataDirLock } from '~/data-dir/data-dir-lock.server';
import { createGateway } from '~/gateway/gateway.server';
import { createHandler } from '~/http/handler.server';
import { closeApp, createApp } from './create-app.server';

export interface Development {
  handle: RequestListener;
  /** Handles the gateway's upgrades and ignores others, which are Vite's. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  close(): Promise<void>;
}

/** The application for Vite's development server: the same parts as in `main.ts`, without its process. */
export async function startDevelopment(loadBuild: () => Promise<unknown>): Promise<Development> {
  const config = readConfig(process.env);
  const lock = acquireDataDirLock(config);
  const app = await createApp(config, createLogger(config));
  const notice = setupNotice(app);
  if (notice !== null) console.log(notice);
  const build = () => loadBuild() as Promise<ServerBuild>;
  const rest = createHandler(app, { build, development: true });
  const gateway = createGateway(app);
  return {
    handle(request, response) {
      if (gateway.handles(request.url)) gateway.handle(request, response);
      else rest(request, response);
    },
    upgrade(request, socket, head) {
      if (gateway.handlesUpgrade(request)) gateway.upgrade(request, socket, head);
    },
    async close() {
      await gateway.close();
      await closeApp(app);
      lock.release();
    },
  };
}
