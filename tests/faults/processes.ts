import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { ADMIN, BUILT_SERVER, listeningPort } from '../helpers/server';

const CONTROL_SERVER = fileURLToPath(new URL('./control-server.mjs', import.meta.url));

/** A process and its output. */
export interface Launched {
  child: ChildProcess;
  stdout(): string;
  stderr(): string;
  /** Its exit code or the signal that ended it, once all output has arrived. */
  ended: Promise<number | NodeJS.Signals>;
}

export interface LaunchOptions {
  /** The user to run as; needs root. */
  uid?: number;
}

/** Settings for a server on this folder with `ADMIN` as first admin and a log level that `ready` can read. */
export const onFolder = (DATA_DIR: string): Record<string, string> => ({
  DATA_DIR,
  LOG_LEVEL: 'info',
  ADMIN_EMAIL: ADMIN.email,
  ADMIN_PASSWORD: ADMIN.password,
});

/** Starts the built server; of the environment only PATH is passed on. */
export function launchServer(settings: Record<string, string>, options: LaunchOptions = {}): Launched {
  if (!existsSync(BUILT_SERVER)) throw new Error('No build to test: run `npm run build` first.');
  return launch([BUILT_SERVER, 'serve'], { PORT: '0', ...settings }, options);
}

/** Starts a server with one protection removed; see `control-server.ts`. */
export function launchControl(kind: string, settings: Record<string, string>): Launched {
  return launch([CONTROL_SERVER, kind], { PORT: '0', ...settings });
}

function launch(args: string[], settings: Record<string, string>, { uid }: LaunchOptions = {}): Launched {
  const child = spawn(process.execPath, args, {
    cwd: tmpdir(),
    uid,
    gid: uid,
    env: { PATH: process.env.PATH, NODE_ENV: 'production', ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const killWithTests = () => child.kill('SIGKILL');
  process.once('exit', killWithTests);
  const [out, err]: [string[], string[]] = [[], []];
  child.stdout.on('data', (chunk) => out.push(String(chunk)));
  child.stderr.on('data', (chunk) => err.push(String(chunk)));
  const ended = new Promise<number | NodeJS.Signals>((resolve) =>
    child.once('close', (code, signal) => {
      process.off('exit', killWithTests);
      resolve(code ?? signal ?? 'SIGKILL');
    }),
  );
  return { child, stdout: () => out.join(''), stderr: () => err.join(''), ended };
}

/** The URL of a server that was launched with LOG_LEVEL `info` or finer, once it is ready. */
export async function ready({ child, stdout, stderr, ended }: Launched): Promise<string> {
  return `http://127.0.0.1:${await listeningPort(child, () => stdout() + stderr(), ended)}`;
}
