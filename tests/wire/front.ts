import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import { temporaryFolder } from '../helpers/app';
import { type Program, requireProgram } from '../helpers/programs.mjs';

const START_LIMIT_MS = 15_000;
const GUIDE = new URL('../../docs/operating.md', import.meta.url);

/**
 * The code blocks in this language under a heading of docs/operating.md, in order, so that what is tested is
 * what people copy.
 *
 * @param section the `##` heading, `heading` the `###` one under it.
 */
export function recipes(section: string, heading: string, language: string): string[] {
  const under = (text: string, mark: string, title: string) =>
    text.split(new RegExp(`^${mark} `, 'm')).find((part) => part.startsWith(`${title}\n`)) ?? '';
  const text = under(under(readFileSync(GUIDE, 'utf8'), '##', section), '###', heading);
  const blocks = [...text.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'gms'))];
  if (blocks.length === 0)
    throw new Error(`docs/operating.md has no ${language} under ${section}, ${heading}`);
  return blocks.map(([, block]) => block ?? '');
}

/** The text with each of these put in another's place; fails for one that it does not contain. */
export function fitted(text: string, places: Record<string, string>): string {
  let changed = text;
  for (const [from, to] of Object.entries(places)) {
    if (!changed.includes(from)) throw new Error(`nothing to put "${to}" in the place of: "${from}"`);
    changed = changed.replaceAll(from, to);
  }
  return changed;
}

/** A server in front, reached over a socket file, so that no two tests can want the same port. */
export interface Front {
  send(path: string, options?: FrontRequest): Promise<FrontAnswer>;
  /** The answer as soon as its headers are here. */
  open(path: string, options?: FrontRequest): Promise<IncomingMessage>;
}

interface FrontRequest {
  method?: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
}

interface FrontAnswer {
  status: number;
  headers: IncomingMessage['headers'];
  body: string;
}

/** Runs nginx with this in its `http` block, in which `SOCKET` stands for what to listen on. */
export async function runNginx(http: string): Promise<Front> {
  const folder = temporaryFolder();
  const socket = join(folder, 'front.sock');
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  );
  const config = `daemon off;
master_process off;
pid ${folder}/nginx.pid;
events {}
http {
${temporary.join('\n')}
access_log off;
${fitted(http, { SOCKET: `unix:${socket}` })}
}
`;
  writeFileSync(join(folder, 'nginx.conf'), config);
  await run('nginx', ['-p', folder, '-e', 'stderr', '-c', join(folder, 'nginx.conf')], folder, socket);
  return reach(socket);
}

/** Runs Caddy with these sites, in which `SOCKET` stands for a site's address. */
export async function runCaddy(sites: string): Promise<Front> {
  const folder = temporaryFolder();
  const socket = join(folder, 'front.sock');
  // A site at any address, over plain HTTP, bound to the socket.
  const bound = fitted(sites, { 'SOCKET {': `http:// {\n\tbind unix/${socket}` });
  writeFileSync(join(folder, 'Caddyfile'), `{\n\tadmin off\n\tauto_https off\n}\n${bound}`);
  mkdirSync(join(folder, 'home'));
  await run(
    'caddy',
    ['run', '--config', join(folder, 'Caddyfile'), '--adapter', 'caddyfile'],
    folder,
    socket,
  );
  return reach(socket);
}

/** Starts it and waits for its socket; ends it with the test. */
async function run(program: Program, args: string[], folder: string, socket: string): Promise<void> {
  const home = join(folder, 'home');
  const child = spawn(requireProgram(program), args, {
    cwd: folder,
    env: { ...process.env, HOME: home, XDG_DATA_HOME: home, XDG_CONFIG_HOME: home },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  onTestFinished(async () => {
    child.kill('SIGTERM');
    const limit = setTimeout(kill, 5_000);
    await ended;
    clearTimeout(limit);
    process.off('exit', kill);
  });
  await answering(child, socket);
}

async function answering(child: ChildProcess, socket: string): Promise<void> {
  let output = '';
  child.stdout?.on('data', (chunk) => (output += chunk));
  child.stderr?.on('data', (chunk) => (output += chunk));
  const giveUpAt = performance.now() + START_LIMIT_MS;
  while (performance.now() < giveUpAt && child.exitCode === null) {
    if (existsSync(socket) && (await accepts(socket))) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`it did not start:\n${output}`);
}

const accepts = (socket: string) =>
  new Promise<boolean>((resolve) => {
    const probe = request({ socketPath: socket, path: '/', method: 'HEAD', agent: false });
    probe.once('response', (response) => resolve(response.resume() !== null));
    probe.once('error', () => resolve(false));
    probe.end();
  });

function reach(socket: string): Front {
  const open: Front['open'] = (path, { method = 'GET', headers = {}, body } = {}) =>
    new Promise((resolve, reject) => {
      const outgoing = request({ socketPath: socket, path, method, headers, agent: false });
      outgoing.once('response', resolve).once('error', reject);
      outgoing.end(body);
    });
  return {
    open,
    async send(path, options) {
      const response = await open(path, options);
      const body = await buffer(response);
      return { status: response.statusCode ?? 0, headers: response.headers, body: body.toString() };
    },
  };
}
