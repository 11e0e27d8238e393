import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const BUILT_SERVER = join(ROOT, 'build', 'server', 'index.js');
/** What is under test: the build, or the one-file executable that this variable names. */
const PROGRAM = process.env.MY_AI_KEYS_EXECUTABLE
  ? [process.env.MY_AI_KEYS_EXECUTABLE]
  : [process.execPath, BUILT_SERVER];
const START_LIMIT_MS = 30_000;
const STOP_LIMIT_MS = 20_000;

/** Credentials of the admin that `startServer({ firstAdmin: true })` creates. */
export const ADMIN = { email: 'ada@example.com', password: 'quiet violet harbour 27' };

export interface RunningServer {
  /** Scheme, host and port that it listens on. */
  url: string;
  dataDir: string;
  pid: number;
  /** Everything that it has written to standard output and standard error so far. */
  output(): string;
  /** The path and query of the one-time set-up link that it printed. */
  setupPath(): string;
  /** Ends it with SIGTERM; rejects unless it exits with 0. */
  stop(): Promise<void>;
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>;
  /** Removes the data folder; after `stop`. */
  removeData(): void;
}

export interface ServerOptions {
  /** Environment variables; PORT, DATA_DIR and LOG_LEVEL have values of their own unless given here. */
  settings?: Record<string, string>;
  /** Creates `ADMIN`, as ADMIN_EMAIL and ADMIN_PASSWORD do. */
  firstAdmin?: boolean;
  /** The program and its first arguments, where it is another one than all tests run. */
  program?: string[];
}

/**
 * Starts the built server as people do, in a process and a data folder of its own, with everything logged.
 * Resolves when it is ready. Call `stop` when done with it.
 */
export async function startServer({
  settings = {},
  firstAdmin = false,
  program = PROGRAM,
}: ServerOptions = {}): Promise<RunningServer> {
  if (!existsSync(BUILT_SERVER)) throw new Error('There is no build to test: run `npm run build` first.');
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
    // Not `exit`, which comes before the last of its output has.
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
      if (link === undefined) throw new Error(`no set-up link was printed:\n${output()}`);
      return link;
    },
    async stop() {
      const limit = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
      child.kill('SIGTERM');
      const code = await ended;
      clearTimeout(limit);
      if (code !== 0) throw new Error(`the server ended with ${code ?? 'a kill'}:\n${output()}`);
    },
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
    removeData: () => rmSync(dataDir, { recursive: true, force: true }),
  };
}

/** Runs the built program to its end, as a command line does; `input` is what it reads. */
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
  child.stdin.on('error', () => undefined); // it may end without reading
  child.stdin.end(input);
  const [out, err]: [string[], string[]] = [[], []];
  child.stdout.on('data', (chunk) => out.push(String(chunk)));
  child.stderr.on('data', (chunk) => err.push(String(chunk)));
  const exitCode = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { exitCode, stdout: out.join(''), stderr: err.join('') };
}

/** Every file of the data folder, the write-ahead log among them, by name. */
export function dataFiles(dataDir: string): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  for (const name of readdirSync(dataDir, { recursive: true, encoding: 'utf8' })) {
    const path = join(dataDir, name);
    if (statSync(path).isFile()) files.set(name, readFileSync(path));
  }
  return files;
}

/** The port from the server's own log, once `/readyz` says that it serves. */
async function listeningPort(
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
