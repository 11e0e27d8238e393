import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readConfig } from '~/core/config.server';
import { createLogger } from '~/core/logger.server';
import { createGateway, type Gateway } from '~/gateway/gateway.server';
import { createHandler } from '~/http/handler.server';
import { createHttpServer } from '~/http/http-server.server';
import type { App } from '~/server/create-app.server';
import { createApp } from '~/server/create-app.server';
import { queriesOn } from '~db/sqlite/connection.server';

/** Servers with one protection removed. The harness proves something about the real server only if it catches these. */
const CONTROLS: Record<string, { app?: (app: App) => void; gateway?: (gateway: Gateway) => void }> = {
  'answers-before-commit': { app: answerBeforeCommit },
  'does-not-sync': { app: ({ db }) => void db.connections.write.pragma('synchronous = NORMAL') },
  'caches-accepted-keys': { gateway: cacheAcceptedKeys },
};

/** Serves the API and the gateway, without pages. */
export async function serve(kind = ''): Promise<void> {
  const control = CONTROLS[kind];
  if (control === undefined) throw new Error(`no control is called ${kind}`);
  const config = readConfig(process.env);
  const log = createLogger(config);
  const app = await createApp(config, log);
  control.app?.(app);
  const gateway = createGateway(app);
  control.gateway?.(gateway);
  const build = () => Promise.reject(new Error('the control server has no pages'));
  const server = createHttpServer(gateway, createHandler(app, { build }));
  server.listen(config.port, '127.0.0.1', () => {
    log.info({ port: (server.address() as AddressInfo).port }, 'serving');
  });
}

/** Delay between acknowledging a change and committing it. */
const COMMIT_DELAY_MS = 40;

/** Acknowledges changes before they are committed, like a server that batches commits for speed. */
function answerBeforeCommit({ db }: App): void {
  const { write: connection } = db.connections;
  const tx = queriesOn(connection);
  let queue: Promise<unknown> = Promise.resolve();
  const next = <T>(work: () => Promise<T> | T): Promise<T> => {
    const turn = queue.then(work);
    queue = turn.catch(() => undefined);
    return turn;
  };
  db.read = tx;
  db.write = (work) =>
    next(async () => {
      if (!connection.inTransaction) {
        connection.exec('begin immediate');
        setTimeout(() => void next(() => connection.exec('commit')), COMMIT_DELAY_MS);
      }
      connection.exec('savepoint one_change');
      try {
        return await work(tx);
      } catch (error) {
        connection.exec('rollback to one_change');
        throw error;
      } finally {
        connection.exec('release one_change');
      }
    });
}

const CACHED_MS = 500;

/** Puts a cache of accepted keys in front of the gateway. */
function cacheAcceptedKeys(gateway: Gateway): void {
  const accepted = new Map<string, number>();
  const { handle } = gateway;
  gateway.handle = (request: IncomingMessage, response: ServerResponse) => {
    const id = `${request.url} ${request.headers.authorization}`;
    if ((accepted.get(id) ?? 0) > Date.now()) {
      response.writeHead(200, { 'content-length': '0' }).end();
      return;
    }
    response.once('finish', () => {
      if (response.statusCode === 200) accepted.set(id, Date.now() + CACHED_MS);
    });
    handle(request, response);
  };
}
