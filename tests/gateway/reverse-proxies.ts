import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import { temporaryFolder } from '../helpers/app';
import { type Program, requireProgram } from '../helpers/programs.mjs';

const START_LIMIT_MS = 15_000;
const GUIDE = new URL('../../docs/operating.md', import.meta.url);

/**
 * Returns the code blocks in this language under a heading of docs/operating.md, so the tests run what people copy.
 *
 * @param section the `##` heading.
 * @param heading the `###` heading in it.
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

/** Replaces each key of `places` with its value. Throws if the text doesn't contain it. */
export function replaceEach(text: string, places: Record<string, string>): string {
  let changed = text;
  for (const [from, to] of Object.entries(places)) {
    if (!changed.includes(from)) throw new Error(`nothing to put "${to}" in the place of: "${from}"`);
    changed = changed.replaceAll(from, to);
  }
  return changed;
}

/** A reverse proxy on a Unix socket, so tests need no free port. */
export interface ReverseProxy {
  send(path: string, options?: ProxyRequest): Promise<ProxyResponse>;
  /** Resolves when the response headers have arrived. */
  open(path: string, options?: ProxyRequest): Promise<IncomingMessage>;
  /** Everything logged so far, on any output. */
  logged(): string;
}

interface ProxyRequest {
  method?: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
}

interface ProxyResponse {
  status: number;
  headers: IncomingMessage['headers'];
  body: string;
}

/** Runs nginx with this in its `http` block, where `SOCKET` is the address to listen on. */
export async function runNginx(http: string): Promise<ReverseProxy> {
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
${replaceEach(http, { SOCKET: `unix:${socket}` }).replaceAll('/var/log/nginx', folder)}
}
`;
  writeFileSync(join(folder, 'nginx.conf'), config);
  const args = ['-p', folder, '-e', 'stderr', '-c', join(folder, 'nginx.conf')];
  const output = await run('nginx', args, folder, socket);
  const files = () => readdirSync(folder).filter((name) => name.endsWith('.log'));
  const inFiles = () => files().map((name) => readFileSync(join(folder, name), 'utf8'));
  return { ...reach(socket), logged: () => [output(), ...inFiles()].join('') };
}

/** Runs Caddy with these sites, where `SOCKET` is a site's address. */
export async function runCaddy(sites: string): Promise<ReverseProxy> {
  const folder = temporaryFolder();
  const socket = join(folder, 'front.sock');
  // A site with any host name over plain HTTP, bound to the socket.
  const bound = replaceEach(sites, { 'SOCKET {': `http:// {\n\tbind unix/${socket}` });
  // Global options must be in one block, at the start.
  const withOptions = /^\{$/m.test(bound) ? bound : `{\n}\n${bound}`;
  const config = withOptions.replace(/^\{$/m, '{\n\tadmin off\n\tauto_https off');
  writeFileSync(join(folder, 'Caddyfile'), config);
  mkdirSync(join(folder, 'home'));
  const args = ['run', '--config', join(folder, 'Caddyfile'), '--adapter', 'caddyfile'];
  const logged = await run('caddy', args, folder, socket);
  return { ...reach(socket), logged };
}

/** Starts a proxy, waits for its socket, and stops it after the test. Returns a function that returns its output. */
async function run(program: Program, args: string[], folder: string, socket: string): Promise<() => string> {
  const home = join(folder, 'home');
  const child = spawn(requireProgram(program), args, {
    cwd: folder,
    env: { ...process.env, HOME: home, XDG_DATA_HOME: home, XDG_CONFIG_HOME: home },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
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
  await answering(child, socket, () => output);
  return () => output;
}

async function answering(child: ChildProcess, socket: string, output: () => string): Promise<void> {
  const giveUpAt = performance.now() + START_LIMIT_MS;
  while (performance.now() < giveUpAt && child.exitCode === null) {
    if (existsSync(socket) && (await accepts(socket))) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`it did not start:\n${output()}`);
}

const accepts = (socket: string) =>
  new Promise<boolean>((resolve) => {
    const probe = request({ socketPath: socket, path: '/', method: 'HEAD', agent: false });
    probe.once('response', (response) => resolve(response.resume() !== null));
    probe.once('error', () => resolve(false));
    probe.end();
  });

function reach(socket: string): Omit<ReverseProxy, 'logged'> {
  const open: ReverseProxy['open'] = (path, { method = 'GET', headers = {}, body } = {}) =>
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
