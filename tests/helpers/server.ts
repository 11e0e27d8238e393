import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const BUILT_SERVER = join(ROOT, 'build', 'server', 'index.js');
/** The program under test: the build, or the single executable that this variable names. */
const PROGRAM = process.env.MY_AI_KEYS_EXECUTABLE
  ? [process.env.MY_AI_KEYS_EXECUTABLE]
  : [process.execPath, BUILT_SERVER];
const START_LIMIT_MS = 30_000;
const STOP_LIMIT_MS = 20_000;

/** Credentials of the admin that `startServer({ firstAdmin: true })` creates. */
export const ADMIN = { email: 'ada@example.com', password: 'quiet violet harbour 27' };

export interface RunningServer {
  /** Scheme, host and port. */
  url: string;
  dataDir: string;
  pid: number;
  /** Everything written to stdout and stderr so far. */
  output(): string;
  /** Path and query of the one-time setup link that it printed. */
  setupPath(): string;
  /** Stops it with SIGTERM; rejects unless it exits with 0. */
  stop(): Promise<void>;
  /** Kills it with SIGKILL. */
  kill(): Promise<void>;
  /** Removes the data directory; after `stop`. */
  removeData(): void;
}

export interface ServerOptions {
  /** Environment variables. PORT, DATA_DIR and LOG_LEVEL have defaults. */
  settings?: Record<string, string>;
  /** Creates `ADMIN`, as ADMIN_EMAIL and ADMIN_PASSWORD do. */
  firstAdmin?: boolean;
  /** Another program and its first arguments. */
  program?: string[];
}

/** Starts the built server in its own process and data directory, with trace logging. Resolves when it is ready; call `stop`. */
export async function startServer({
  settings = {},
  firstAdmin = false,
  program = PROGRAM,
}: ServerOptions = {}): Promise<RunningServer> {
  if (!existsSync(BUILT_SERVER)) throw new Error('No build to test: run `npm run build` first.');
  const dataDir = settings.DATA_DIR ?? mkdtempSync(join(tmpdir(), 'my-ai-keys-server-'));
  const launched = launch([...program, 'serve'], {
    cwd: dataDir,
    env: {
      TZ: process.env.TZ,
      PORT: '0',
      DATA_DIR: dataDir,
      LOG_LEVEL: 'trace',
      ...(firstAdmin ? { ADMIN_EMAIL: ADMIN.email, ADMIN_PASSWORD: ADMIN.password } : {}),
      ...settings,
    },
  });
  const { child, output, ended } = launched;
  const url = await ready(launched);
  return {
    url,
    dataDir,
    pid: child.pid ?? 0,
    output,
    setupPath() {
      const link = /https?:\/\/\S+(\/setup\?token=\S+)/.exec(output())?.[1];
      if (link === undefined) throw new Error(`no setup link was printed:\n${output()}`);
      return link;
    },
    async stop() {
      const limit = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
      child.kill('SIGTERM');
      const code = await ended;
      clearTimeout(limit);
      if (code !== 0) throw new Error(`the server exited with ${code}:\n${output()}`);
    },
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
    removeData: () => rmSync(dataDir, { recursive: true, force: true }),
  };
}

/** Runs a command of the built program; `input` is its stdin. */
export async function runCommand(
  args: string[],
  settings: Record<string, string>,
  { program = PROGRAM, input = '' }: { program?: string[]; input?: string } = {},
): Promise<{ exitCode: number | null; stdout: string; stderr: string }> {
  const { child, stdout, stderr, ended } = launch([...program, ...args], { env: settings }, 'pipe');
  child.stdin?.on('error', () => undefined); // it may exit without reading
  child.stdin?.end(input);
  const code = await ended;
  return { exitCode: typeof code === 'number' ? code : null, stdout: stdout(), stderr: stderr() };
}

/** Every file of the data directory by name, including the write-ahead log. */
export function dataFiles(dataDir: string): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  for (const name of readdirSync(dataDir, { recursive: true, encoding: 'utf8' })) {
    const path = join(dataDir, name);
    if (statSync(path).isFile()) files.set(name, readFileSync(path));
  }
  return files;
}

/** A process and its output. */
export interface Launched {
  child: ChildProcess;
  stdout(): string;
  stderr(): string;
  /** Both, in the order of arrival. */
  output(): string;
  /** Its exit code or the signal that ended it, once all output has arrived. */
  ended: Promise<number | NodeJS.Signals>;
}

/** Starts a program in production mode, killed with the tests; of the environment only PATH is passed on. */
export function launch(
  [command = '', ...args]: string[],
  { env, ...options }: Omit<SpawnOptions, 'env'> & { env: Record<string, string | undefined> },
  stdin: 'ignore' | 'pipe' = 'ignore',
): Launched {
  const child = spawn(command, args, {
    ...options,
    env: { PATH: process.env.PATH, NODE_ENV: 'production', ...env },
    stdio: [stdin, 'pipe', 'pipe'],
  });
  const chunks: { from: 'out' | 'err'; text: string }[] = [];
  child.stdout?.on('data', (chunk) => chunks.push({ from: 'out', text: String(chunk) }));
  child.stderr?.on('data', (chunk) => chunks.push({ from: 'err', text: String(chunk) }));
  const textOf = (...sources: string[]) =>
    chunks.map(({ from, text }) => (sources.includes(from) ? text : '')).join('');
  const killWithTests = () => child.kill('SIGKILL');
  process.once('exit', killWithTests);
  const ended = new Promise<number | NodeJS.Signals>((resolve) =>
    // Not `exit`, which fires before all output has arrived.
    child.once('close', (code, signal) => {
      process.off('exit', killWithTests);
      resolve(code ?? signal ?? 'SIGKILL');
    }),
  );
  const [stdout, stderr, output] = [() => textOf('out'), () => textOf('err'), () => textOf('out', 'err')];
  return { child, stdout, stderr, output, ended };
}

/** The URL of a server that logs at level `info` or finer, once `/readyz` returns 200. */
export async function ready({ child, output, ended }: Launched): Promise<string> {
  let hasEnded = false;
  void ended.then(() => {
    hasEnded = true;
  });
  const giveUpAt = performance.now() + START_LIMIT_MS;
  while (performance.now() < giveUpAt && !hasEnded) {
    const port = /"port":(\d+)/.exec(output())?.[1];
    const url = `http://127.0.0.1:${port}`;
    if (port !== undefined && (await fetch(`${url}/readyz`).catch(() => null))?.status === 200) return url;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  child.kill('SIGKILL');
  throw new Error(`the server did not become ready:\n${output()}`);
}
