import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { type Config, ConfigError, databaseFile, readConfig } from '~/core/config.server';
import { type CheckResult, failed, passed } from '~/doctor/check-result';
import { checkDataDir, hasAccess } from '~/doctor/data-dir-checks.server';
import { checkDatabase } from '~/doctor/database-checks.server';
import { EXIT, type Terminal } from './command.server';

const READY_TIMEOUT_MS = 2_000;

/**
 * `doctor`: checks everything that a server needs, whether it runs or not, and prints one line per check. Changes
 * nothing. Exits with 1 if there is a problem.
 */
export async function doctor(terminal: Terminal): Promise<number> {
  const results = await runChecks(terminal.env);
  for (const { ok, subject, message } of results) {
    if (ok) terminal.print(`ok       ${subject}: ${message}`);
    else terminal.printError(`PROBLEM  ${subject}: ${message}`);
  }
  return results.every(({ ok }) => ok) ? EXIT.ok : EXIT.failed;
}

async function runChecks(env: Terminal['env']): Promise<CheckResult[]> {
  let config: Config;
  try {
    config = readConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return [failed('settings', error.message)];
    throw error;
  }
  return [
    passed('settings', `valid. Users open ${config.origin}.`),
    ...checkDataDir(config),
    ...(hasAccess(config.dataDir) ? await checkDatabaseFile(config) : []),
    await checkPort(config),
  ];
}

async function checkDatabaseFile(config: Config): Promise<CheckResult[]> {
  const path = databaseFile(config);
  if (existsSync(path)) return await checkDatabase(path, config, Date.now());
  return [passed('database', `${path} doesn't exist yet; the first start creates it.`)];
}

async function checkPort({ host, port }: Pick<Config, 'host' | 'port'>): Promise<CheckResult> {
  const subject = 'port';
  const errorCode = await tryToListen(host, port);
  if (errorCode === null) return passed(subject, `${port} is free; no server is running on it.`);
  if (errorCode !== 'EADDRINUSE')
    return failed(subject, `Can't listen on ${host}:${port} (${errorCode}). Check HOST and PORT.`);
  if (await isOurServer(host, port)) return passed(subject, `a server is running on ${port} and ready.`);
  return failed(subject, `${port} is used by another program. Set PORT to a free one.`);
}

/** Returns the error code; null if it works. */
function tryToListen(host: string, port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen(port, host, () => server.close(() => resolve(null)));
  });
}

async function isOurServer(host: string, port: number): Promise<boolean> {
  const isWildcard = host === '0.0.0.0' || host === '::';
  const hostname = host.includes(':') ? `[${host}]` : host;
  try {
    const response = await fetch(`http://${isWildcard ? 'localhost' : hostname}:${port}/readyz`, {
      signal: AbortSignal.timeout(READY_TIMEOUT_MS),
    });
    return response.ok && (await response.text()) === 'ready\n';
  } catch {
    return false;
  }
}
