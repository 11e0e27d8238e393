import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { requireProgram } from '../helpers/programs.mjs';

const START_LIMIT_MS = 30_000;

/** Something that was started and has to be ended: the last first. */
export class Cleanup {
  readonly #undo: (() => unknown)[] = [];

  add(undo: () => unknown): void {
    this.#undo.push(undo);
  }

  async run(): Promise<void> {
    for (const undo of this.#undo.splice(0).reverse()) await undo();
  }
}

export interface Beside {
  origin: string;
  pid: number;
  /** The lines of JSON that it prints, one a call. */
  line(): Promise<Record<string, number>>;
}

/** A program of `baselines/` in a process of its own, until the clean-up. */
export function startBeside(cleanup: Cleanup, name: string, settings: Record<string, string> = {}): Beside {
  const file = fileURLToPath(new URL(`baselines/${name}.mjs`, import.meta.url));
  const env: NodeJS.ProcessEnv = { ...process.env, NODE_ENV: 'production', ...settings };
  const child = spawn(process.execPath, [file], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  endWith(cleanup, child);
  const next = linesOf(child);
  return { origin: '', pid: child.pid ?? 0, line: async () => JSON.parse(await next()) };
}

/** The same for one that listens, and says where first. */
export async function startListening(
  cleanup: Cleanup,
  name: string,
  settings?: Record<string, string>,
): Promise<Beside> {
  const beside = startBeside(cleanup, name, settings);
  const { port } = await beside.line();
  return { ...beside, origin: `http://127.0.0.1:${port}` };
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

/** nginx with these `server` blocks, one worker, until the clean-up. */
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

/** Processor time that a process has spent so far, in all its threads. */
export function cpuUs(pid: number): number {
  // Times count from the third field after the name, which may hold anything but ends with the last bracket.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  const ticks = Number(fields[11]) + Number(fields[12]);
  return ticks * 10_000; // Linux counts in hundredths of a second
}

/** Looks at a process's memory until `until` has settled; answers the highest seen. */
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
    for (const { reject } of waiting) reject(new Error(`it ended with ${code}`));
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
