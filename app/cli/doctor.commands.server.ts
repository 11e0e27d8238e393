import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { type Config, ConfigError, databaseFile, readConfig } from '~/core/config.server';
import { type CheckResult, failed, passed } from '~/doctor/check-result';
import { checkFolder, mayEnter } from '~/doctor/data-dir-checks.server';
import { checkDatabase } from '~/doctor/database-checks.server';
import { EXIT, type Terminal } from './command.server';

const ANSWER_MS = 2_000;

/**
 * `doctor`: looks at everything a server needs, running or not, changes nothing, and says in one line each
 * what is or what to do.
 *
 * @returns 1 when something is wrong.
 */
export async function doctor(terminal: Terminal): Promise<number> {
  const findings = await examine(terminal.env);
  for (const { ok, about, words } of findings) {
    if (ok) terminal.print(`ok     ${about}: ${words}`);
    else terminal.printError(`WRONG  ${about}: ${words}`);
  }
  return findings.every(({ ok }) => ok) ? EXIT.ok : EXIT.bad;
}

async function examine(env: Terminal['env']): Promise<CheckResult[]> {
  let config: Config;
  try {
    config = readConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return [failed('settings', error.message)];
    throw error;
  }
  const path = databaseFile(config);
  const database = async () =>
    existsSync(path)
      ? await checkDatabase(path, config, Date.now())
      : [passed('database', `there is none at ${path} yet; the first start makes it.`)];
  return [
    passed('settings', `are understood; people come by ${config.origin}.`),
    ...checkFolder(config),
    ...(mayEnter(config.dataDir) ? await database() : []),
    await checkPort(config),
  ];
}

/** Free, or taken by a server of ours. */
async function checkPort({ host, port }: Pick<Config, 'host' | 'port'>): Promise<CheckResult> {
  const about = 'port';
  const taken = await whyNot(host, port);
  if (taken === null) return passed(about, `${port} is free; no server runs on it.`);
  if (taken !== 'EADDRINUSE')
    return failed(about, `${host}:${port} cannot be listened on (${taken}). Set HOST and PORT.`);
  if (await isOurs(host, port)) return passed(about, `a server answers on ${port} and is ready.`);
  return failed(about, `${port} is taken by another program. Set PORT to a free one.`);
}

/** Why this process cannot listen there; null when it can. */
function whyNot(host: string, port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen(port, host, () => server.close(() => resolve(null)));
  });
}

async function isOurs(host: string, port: number): Promise<boolean> {
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  try {
    const answer = await fetch(`http://${name}:${port}/readyz`, { signal: AbortSignal.timeout(ANSWER_MS) });
    return answer.ok && (await answer.text()) === 'ready\n';
  } catch {
    return false;
  }
}
