import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { exclusively } from './file-lock.mjs';
import { DRIVER } from './vite-shared-config.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const at = (/** @type {string[]} */ ...parts) => join(ROOT, ...parts);

const INSTALL_STAMP = at('node_modules', '.my-ai-keys.json');
const BUILD_STAMP = at('build', 'stamp.json');
/** What the build is made from. */
const SOURCES = [
  'app',
  'db',
  'public',
  'vite.config.ts',
  'tsconfig.json',
  'package.json',
  'package-lock.json',
];
/** Under `app`, but no part of the build. */
const NOT_BUILT = at('app', 'bin');

/** Told to a person as it is, without a stack. */
class Expected extends Error {
  expected = true;
  /** @param {string} message @param {number} [exitCode] */
  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/**
 * Installs the dependencies and builds the server, each only where it is missing, was interrupted, or was
 * made for something else (another lock file, Node or machine; other sources). Any number of processes may
 * ask at once: one does the work, the others wait for it.
 *
 * @param {{ rebuild?: boolean }} [options]
 */
export async function prepare({ rebuild = false } = {}) {
  if (!rebuild && isInstalled() && isBuilt()) return;
  await exclusively(
    at('.cache', 'preparing'),
    async (note) => {
      if (!isInstalled() && !(await adoptInstalled(note))) await install(note);
      if (rebuild || !isBuilt()) await build(note);
    },
    () => say('Another start is installing or building; waiting for it.'),
  );
}

/** What the installed packages were made for. */
function wantedInstall() {
  return JSON.stringify({
    lock: createHash('sha256')
      .update(readFileSync(at('package-lock.json')))
      .digest('hex'),
    abi: process.versions.modules,
    platform: process.platform,
    arch: process.arch,
  });
}

function isInstalled() {
  return read(INSTALL_STAMP) === wantedInstall() && directDependenciesExist();
}

function directDependenciesExist() {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(at('package.json'), 'utf8'));
  return [...Object.keys({ ...dependencies, ...devDependencies }), DRIVER].every((name) =>
    existsSync(at('node_modules', name, 'package.json')),
  );
}

/**
 * Packages that somebody installed with npm, by hand, are as good as ours when npm's own list of what it
 * installed has everything that the lock file asks for, and the native ones load in this Node.
 *
 * @param {(childPid: number | null) => void} note
 */
async function adoptInstalled(note) {
  const listed = read(at('node_modules', '.package-lock.json'));
  if (listed === null || !directDependenciesExist()) return false;
  const installed = JSON.parse(listed).packages;
  const locked = Object.entries(JSON.parse(readFileSync(at('package-lock.json'), 'utf8')).packages);
  const complete = locked.every(([path, wanted]) => {
    if (path === '') return true;
    const found = installed[path];
    if (found === undefined) return wanted.optional === true || wanted.devOptional === true;
    return found.version === wanted.version && found.integrity === wanted.integrity;
  });
  if (!complete || (await loadNative(note)).exitCode !== 0) return false;
  writeFileSync(INSTALL_STAMP, wantedInstall());
  return true;
}

/** @param {(childPid: number | null) => void} note */
async function install(note) {
  const started = performance.now();
  say('Installing dependencies; the first time takes a minute or two.');
  rmSync(INSTALL_STAMP, { force: true });
  // The build needs the development dependencies, also where NODE_ENV or npm's settings leave them out.
  const npm = process.env.npm_execpath?.endsWith('npm-cli.js') ? process.env.npm_execpath : null;
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  const result =
    npm === null ? await run('npm', args, note) : await run(process.execPath, [npm, ...args], note);
  if (result.exitCode !== 0) {
    throw new Expected(
      `${result.output}\nThe dependencies could not be installed; the reason is above. Mend it and start again.`,
    );
  }
  const loaded = await loadNative(note);
  if (loaded.exitCode !== 0) {
    throw new Expected(
      `${loaded.output}\nThe dependencies were installed, but the database driver does not load; the reason is above. Where no ready-made one can be had, python3, make and a C++ compiler are needed to build it.`,
    );
  }
  writeFileSync(INSTALL_STAMP, wantedInstall());
  say(`Installed in ${seconds(started)}.`);
}

/** @param {(childPid: number | null) => void} note */
function loadNative(note) {
  const script = `new (require('${DRIVER}'))(':memory:').close(); require('@node-rs/argon2')`;
  return run(process.execPath, ['-e', script], note);
}

/** What the build was made from: the driver that it names, and a hash over the names and contents of its sources. */
function wantedBuild() {
  const hash = createHash('sha256');
  /** @param {string} path */
  const add = (path) => {
    const content = readFileSync(path);
    hash.update(`${path.slice(ROOT.length)}\0${content.length}\0`).update(content);
  };
  /** @param {string} folder */
  const addFolder = (folder) => {
    if (folder === NOT_BUILT) return;
    const entries = readdirSync(folder, { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) addFolder(path);
      else if (entry.isFile()) add(path);
    }
  };
  for (const name of SOURCES.filter((name) => existsSync(at(name)))) {
    if (name.includes('.')) add(at(name));
    else addFolder(at(name));
  }
  return JSON.stringify({ driver: DRIVER, sources: hash.digest('hex') });
}

function isBuilt() {
  return (
    read(BUILD_STAMP) === wantedBuild() &&
    existsSync(at('build', 'server', 'index.js')) &&
    existsSync(at('build', 'client', 'assets'))
  );
}

/** @param {(childPid: number | null) => void} note */
async function build(note) {
  const started = performance.now();
  say('Building.');
  // The hash is taken before: a source saved meanwhile makes the next start build again.
  const wanted = wantedBuild();
  rmSync(BUILD_STAMP, { force: true });
  const remix = at('node_modules', '@remix-run', 'dev', 'dist', 'cli.js');
  const args = [remix, 'vite:build', '--logLevel', 'warn'];
  const { exitCode, output } = await run(process.execPath, args, note);
  if (exitCode !== 0) throw new Expected(`${output}\nThe build failed; the reason is above.`);
  mkdirSync(at('build'), { recursive: true });
  writeFileSync(BUILD_STAMP, wanted);
  say(`Built in ${seconds(started)}.`);
}

/**
 * Runs a program in the project's folder and collects what it says. A signal to this process ends the
 * program, and then this process as the signal would have.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {(childPid: number | null) => void} note
 * @returns {Promise<{ exitCode: number, output: string }>}
 */
async function run(command, args, note) {
  const child = spawn(command, args, {
    cwd: ROOT,
    env: { ...process.env, NODE_ENV: 'production' },
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32' && command === 'npm',
  });
  note(child.pid ?? null);
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  /** @type {NodeJS.Signals | null} */
  let stoppedBy = null;
  const stop = (/** @type {NodeJS.Signals} */ signal) => {
    stoppedBy = signal;
    child.kill(signal);
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  try {
    const exitCode = await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => resolve(code ?? 1));
    });
    if (stoppedBy !== null) throw new Expected('Stopped.', stoppedBy === 'SIGINT' ? 130 : 143);
    return { exitCode, output };
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ENOENT') throw error;
    throw new Expected(`${command} was not found. It comes with Node; put it on the PATH and start again.`);
  } finally {
    note(null);
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}

/** @param {string} path */
function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

/** On standard error, so that what a command prints can be piped. @param {string} sentence */
function say(sentence) {
  console.error(sentence);
}

/** @param {number} started */
const seconds = (started) => `${Math.max(1, Math.round((performance.now() - started) / 1000))} s`;
