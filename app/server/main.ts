import type { Server } from 'node:http';
import * as build from 'virtual:remix/server-build';
import { setupNotice } from '~/auth/setup.server';
import { runCommandLine } from '~/cli/run-cli.server';
import { processTerminal } from '~/cli/terminal.server';
import { readConfig } from '~/core/config.server';
import { createLogger } from '~/core/logger.server';
import { acquireDataDirLock } from '~/data-dir/data-dir-lock.server';
import { CallMetrics } from '~/gateway/call-metrics';
import { createGateway } from '~/gateway/gateway.server';
import { createAssets } from '~/http/assets.server';
import { readClientFiles } from '~/http/client-files.server';
import { trackEventStreams } from '~/http/event-streams.server';
import { createHandler } from '~/http/handler.server';
import { createHttpServer } from '~/http/http-server.server';
import { createMetrics } from '~/metrics/metrics.server';
import { createMetricsEndpoint } from '~/metrics/metrics-endpoint.server';
import { closeApp, createApp } from './create-app.server';
import { exitOnUncaughtException } from './fatal-errors.server';
import { describeStartupError } from './startup-errors.server';

/** How long open responses may take to finish after SIGTERM. */
const SHUTDOWN_GRACE_MS = 10_000;
const SHUTDOWN_SWEEP_MS = 50;

async function serve(): Promise<void> {
  const config = readConfig(process.env);
  const log = createLogger(config);
  exitOnUncaughtException(log);
  const lock = acquireDataDirLock(config);
  const app = await createApp(config, log);
  const callMetrics = new CallMetrics();
  const gateway = createGateway(app, callMetrics);
  const metrics = createMetricsEndpoint(app, createMetrics(app, callMetrics, gateway));
  const rest = createHandler(app, { build, assets: createAssets(readClientFiles()), metrics });
  const server = createHttpServer(gateway, rest);
  const eventStreams = trackEventStreams(server);
  await listen(server, config.port, config.host);
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : config.port;
  // With PORT=0 the system chooses the port. Links must contain the actual one.
  config.origin = config.origin.replace(/:0$/, `:${port}`);
  log.info({ port, origin: config.origin }, 'serving');
  if (config.secure && config.trustedProxies.length === 0) {
    log.warn(
      'ORIGIN is https but TRUSTED_PROXIES is not set: behind a proxy, the audit trail and the sign-in rate limiter see the address of the proxy for every client',
    );
  }
  console.log(`My AI Keys is at ${config.origin}`);
  const notice = setupNotice(app);
  if (notice !== null) console.log(notice);

  const stop = async (signal: string) => {
    // A second signal of either kind ends the process immediately.
    process.off('SIGTERM', stop).off('SIGINT', stop);
    log.info({ signal }, 'stopping');
    gateway.drain();
    eventStreams.abort();
    const finished = new Promise((resolve) => server.close(resolve));
    // Connections become idle one by one, as their responses end.
    const sweep = setInterval(() => server.closeIdleConnections(), SHUTDOWN_SWEEP_MS);
    setTimeout(() => {
      gateway.abortAll();
      server.closeAllConnections();
    }, SHUTDOWN_GRACE_MS).unref();
    await finished;
    clearInterval(sweep);
    await gateway.close();
    await closeApp(app);
    lock.release();
    process.exit(0);
  };
  process.on('SIGTERM', stop).on('SIGINT', stop);
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
}

async function main(): Promise<void> {
  const entryPoints = { serve, describeError: describeStartupError };
  const exitCode = await runCommandLine(process.argv.slice(2), entryPoints, processTerminal());
  if (exitCode === null) return;
  process.exitCode = exitCode;
  // A failed start may leave handles open, so exit explicitly, but only after the output is flushed.
  if (exitCode !== 0) process.stderr.write('', () => process.exit());
}

void main();
