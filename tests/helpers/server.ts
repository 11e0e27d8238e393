import { type ChildProcess, spawn } from 'node:child_process';
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
  const [command = '', ...first] = program;
  const dataDir = settings.DATA_DIR ?? mkdtempSync(join(tmpdir(), 'my-ai-keys-server-'));
  const child = spawn(command, [...first, 'serve'], {
    cwd: dataDir,
    env: {
      PATH: process.env.PATH,
      NODE_ENV: 'production',
      TZ: process.env.TZ,
      PORT: '0',
      DATA_DIR: dataDir,
      LOG_LEVEL: 'trace',
      ...(firstAdmin ? { ADMIN_EMAIL: ADMIN.email, ADMIN_PASSWORD: ADMIN.password } : {}),
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const chunks: string[] = [];
  child.stdout.on('data', (chunk) => chunks.push(String(chunk)));
  child.stderr.on('data', (chunk) => chunks.push(String(chunk)));
  const output = () => chunks.join('');
  const killWithTests = () => child.kill('SIGKILL');
  process.once('exit', killWithTests);
  const ended = new Promise<number | null>((resolve) =>
    // Not `exit`, which fires before all output has arrived.
    child.once('close', (code) => {
      process.off('exit', killWithTests);
      resolve(code);
    }),
  );

  const url = `http://127.0.0.1:${await listeningPort(child, output, ended)}`;
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
      if (code !== 0) throw new Error(`the server exited with ${code ?? 'SIGKILL'}:\n${output()}`);
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
  const [command = '', ...first] = program;
  const child = spawn(command, [...first, ...args], {
    env: { PATH: process.env.PATH, NODE_ENV: 'production', ...settings },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.on('error', () => undefined); // it may exit without reading
  child.stdin.end(input);
  const [out, err]: [string[], string[]] = [[], []];
  child.stdout.on('data', (chunk) => out.push(String(chunk)));
  child.stderr.on('data', (chunk) => err.push(String(chunk)));
  const exitCode = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { exitCode, stdout: out.join(''), stderr: err.join('') };
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

/** The port from the server's log, once `/readyz` returns 200. */
export async function listeningPort(
  child: ChildProcess,
  output: () => string,
  ended: Promise<unknown>,
): Promise<number> {
  let hasEnded = false;
  void ended.then(() => {
    hasEnded = true;
  });
  const giveUpAt = performance.now() + START_LIMIT_MS;
  while (performance.now() < giveUpAt && !hasEnded) {
    const port = /"port":(\d+)/.exec(output())?.[1];
    if (port !== undefined) {
      const ready = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => null);
      if (ready?.status === 200) return Number(port);
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  child.kill('SIGKILL');
  throw new Error(`the server did not become ready:\n${output()}`);
}
