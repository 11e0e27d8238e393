import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { ADMIN } from '../helpers/server';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const BUILT_SERVER = here('../../build/server/index.js');
const CONTROL_SERVER = here('./control-server.mjs');
const START_LIMIT_MS = 30_000;

/** A process whose output is kept. */
export interface Launched {
  child: ChildProcess;
  stdout(): string;
  stderr(): string;
  /** Its exit code, or the name of the signal that ended it; when it has ended and all it wrote is here. */
  ended: Promise<number | NodeJS.Signals>;
}

export interface LaunchOptions {
  /** The user to run as, where the tests may choose. */
  uid?: number;
}

/** Settings for a server on this folder with `ADMIN` as its first admin, whose log `ready` can read. */
export const onFolder = (DATA_DIR: string): Record<string, string> => ({
  DATA_DIR,
  LOG_LEVEL: 'info',
  ADMIN_EMAIL: ADMIN.email,
  ADMIN_PASSWORD: ADMIN.password,
});

/** Starts the built server; nothing of this process's environment but PATH is passed on. */
export function launchServer(settings: Record<string, string>, options: LaunchOptions = {}): Launched {
  if (!existsSync(BUILT_SERVER)) throw new Error('There is no build to test: run `npm run build` first.');
  return launch([BUILT_SERVER, 'serve'], { PORT: '0', ...settings }, options);
}

/** Starts a server made of the product's parts with one protection taken away; see `control-server.ts`. */
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

/** The address of a server that was launched with LOG_LEVEL `info` or finer, once it is ready. */
export async function ready({ child, stdout, stderr, ended }: Launched): Promise<string> {
  let over = false;
  void ended.then(() => {
    over = true;
  });
  const giveUpAt = performance.now() + START_LIMIT_MS;
  while (performance.now() < giveUpAt && !over) {
    const port = /"port":(\d+)/.exec(stdout())?.[1];
    const url = `http://127.0.0.1:${port}`;
    if (port !== undefined) {
      const answer = await fetch(`${url}/readyz`).catch(() => null);
      if (answer?.status === 200) return url;
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  child.kill('SIGKILL');
  throw new Error(`the server did not become ready:\n${stdout()}${stderr()}`);
}

/** Runs a command of the built program to its end. */
export async function runCli(
  args: string[],
  settings: Record<string, string>,
): Promise<{ code: number | NodeJS.Signals; stdout: string; stderr: string }> {
  const { ended, stdout, stderr } = launch([BUILT_SERVER, ...args], settings);
  return { code: await ended, stdout: stdout(), stderr: stderr() };
}
