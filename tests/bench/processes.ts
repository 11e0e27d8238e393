import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { requireProgram } from '../helpers/programs.mjs';

const START_LIMIT_MS = 30_000;

/** Undoes what was added, last first. */
export class Cleanup {
  readonly #undo: (() => unknown)[] = [];

  add(undo: () => unknown): void {
    this.#undo.push(undo);
  }

  async run(): Promise<void> {
    for (const undo of this.#undo.splice(0).reverse()) await undo();
  }
}

export interface Program {
  origin: string;
  pid: number;
  /** The next line of JSON that it prints. */
  line(): Promise<Record<string, number>>;
}

/** Starts a program of `baselines/`; the cleanup stops it. */
export function startProgram(cleanup: Cleanup, name: string, settings: Record<string, string> = {}): Program {
  const file = fileURLToPath(new URL(`baselines/${name}.mjs`, import.meta.url));
  const env: NodeJS.ProcessEnv = { ...process.env, NODE_ENV: 'production', ...settings };
  const child = spawn(process.execPath, [file], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  endWith(cleanup, child);
  const next = linesOf(child);
  return { origin: '', pid: child.pid ?? 0, line: async () => JSON.parse(await next()) };
}

/** The same for a program that listens and prints its address first. */
export async function startListening(
  cleanup: Cleanup,
  name: string,
  settings?: Record<string, string>,
): Promise<Program> {
  const program = startProgram(cleanup, name, settings);
  const { port } = await program.line();
  return { ...program, origin: `http://127.0.0.1:${port}` };
}

/** Portkey's gateway, without its console. */
export async function startPortkey(
  cleanup: Cleanup,
  folder: string,
  port: number,
): Promise<{ origin: string; pid: number }> {
  const script = fileURLToPath(
    new URL('node_modules/@portkey-ai/gateway/build/start-server.js', import.meta.url),
  );
  const args = [script, '--headless', `--port=${port}`];
  const env: NodeJS.ProcessEnv = { ...process.env, NODE_ENV: 'production' };
  const child = spawn(process.execPath, args, { cwd: folder, env, stdio: 'ignore' });
  endWith(cleanup, child);
  await accepting(port);
  return { origin: `http://127.0.0.1:${port}`, pid: child.pid ?? 0 };
}

/** Starts nginx with one worker and these `server` blocks; the cleanup stops it. */
export async function startNginx(
  cleanup: Cleanup,
  folder: string,
  port: number,
  http: string,
): Promise<void> {
  const prefix = join(folder, `nginx-${port}`);
  mkdirSync(prefix, { recursive: true });
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${prefix}/${name};`,
  );
  const config = `daemon off;
master_process off;
pid ${prefix}/nginx.pid;
worker_rlimit_nofile 8192;
events { worker_connections 4096; }
http {
${temporary.join('\n')}
access_log off;
keepalive_requests 1000000000;
keepalive_timeout 1h;
${http}
}
`;
  writeFileSync(join(prefix, 'nginx.conf'), config);
  const args = ['-p', prefix, '-e', 'stderr', '-c', join(prefix, 'nginx.conf')];
  endWith(cleanup, spawn(requireProgram('nginx'), args, { stdio: ['ignore', 'ignore', 'inherit'] }));
  await accepting(port);
}

/** Resident memory of a process in bytes. */
export function residentBytes(pid: number): number {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kib) * 1024;
}

/** CPU time that a process has used so far, in all its threads. */
export function cpuUs(pid: number): number {
  // The process name may contain anything, brackets included: the fixed fields begin after the last one.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  const ticks = Number(fields[11]) + Number(fields[12]);
  return ticks * 10_000; // Linux counts in hundredths of a second
}

/** The highest resident memory of a process until `until` settles. */
export async function peakBytes(pid: number, until: Promise<unknown>): Promise<number> {
  let done = false;
  const settled = until.finally(() => {
    done = true;
  });
  let peak = residentBytes(pid);
  while (!done) {
    peak = Math.max(peak, residentBytes(pid));
    await sleep(20);
  }
  await settled;
  return peak;
}

function endWith(cleanup: Cleanup, child: ChildProcess): void {
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const ended = new Promise<void>((resolve) =>
    child.once('close', () => {
      process.off('exit', kill);
      resolve();
    }),
  );
  cleanup.add(async () => {
    child.kill('SIGTERM');
    const limit = setTimeout(kill, 3_000);
    await ended;
    clearTimeout(limit);
  });
}

function linesOf(child: ChildProcess): () => Promise<string> {
  const lines: string[] = [];
  const waiting: { resolve(line: string): void; reject(error: Error): void }[] = [];
  let rest = '';
  child.stdout?.on('data', (chunk) => {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop() ?? '';
    for (const line of parts) {
      const reader = waiting.shift();
      if (reader === undefined) lines.push(line);
      else reader.resolve(line);
    }
  });
  child.once('close', (code) => {
    for (const { reject } of waiting) reject(new Error(`the program exited with ${code}`));
  });
  return () => {
    const line = lines.shift();
    if (line !== undefined) return Promise.resolve(line);
    return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
  };
}

async function accepting(port: number): Promise<void> {
  const giveUpAt = performance.now() + START_LIMIT_MS;
  while (performance.now() < giveUpAt) {
    const accepts = await new Promise<boolean>((resolve) => {
      const socket = createConnection({ port, host: '127.0.0.1' });
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
      socket.once('close', () => undefined);
      setTimeout(() => socket.destroy(), 100);
    });
    if (accepts) return;
    await sleep(50);
  }
  throw new Error(`nothing listens on port ${port}`);
}
