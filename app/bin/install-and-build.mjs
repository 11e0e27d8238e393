import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { addToLock, readIfPresent, withLock } from './directory-lock.mjs';
import { DRIVER } from './vite-shared-config.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const at = (/** @type {string[]} */ ...names) => join(ROOT, ...names);
const LOCK = at('.cache', 'install-and-build.lock');
const INSTALL_STAMP = at('node_modules', '.my-ai-keys.json');
const BUILD_STAMP = at('build', 'stamp.json');
const SOURCE_FOLDERS = ['app', 'db', 'public'];
const SOURCE_FILES = ['vite.config.ts', 'tsconfig.json', 'package.json', 'package-lock.json'];

/**
 * Installs the dependencies and builds the server, each only if it is missing, incomplete or made for something else
 * (another lock file, Node or machine; other sources). If several processes call this, one works and the others wait.
 *
 * @param {{ rebuild?: boolean }} [options]
 */
export async function installAndBuild({ rebuild = false } = {}) {
  if (!rebuild && isInstalled() && isBuilt()) return;
  await withLock(
    LOCK,
    async () => {
      if (!isInstalled()) await install();
      if (rebuild || !isBuilt()) await build();
    },
    () =>
      console.error(`Another process is installing or building; waiting. If there is none, delete ${LOCK}.`),
  );
}

/**
 * Whether all packages of the lock file are installed, by this script or by hand, and the native ones load in this
 * Node. npm deletes its list of installed packages when an install begins and writes it when it ends.
 */
function isInstalled() {
  const lockFile = readFileSync(at('package-lock.json'), 'utf8');
  const installed = readPackageList(at('node_modules', '.package-lock.json'));
  const isComplete = Object.entries(JSON.parse(lockFile).packages).every(([path, locked]) => {
    const found = installed[path];
    if (found === undefined) return path === '' || locked.optional || locked.devOptional;
    const isSame = found.version === locked.version && found.integrity === locked.integrity;
    return isSame && existsSync(at(path, 'package.json'));
  });
  if (!isComplete) return false;
  const lock = createHash('sha256').update(lockFile).digest('hex');
  const { platform, arch } = process;
  const stamp = JSON.stringify({ lock, abi: process.versions.modules, platform, arch });
  if (readIfPresent(INSTALL_STAMP) === stamp) return true;
  if (loadNativePackages() !== '') return false;
  writeFileSync(INSTALL_STAMP, stamp);
  return true;
}

/** Returns an empty list if it is missing or was cut short. @param {string} path */
function readPackageList(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).packages;
  } catch {
    return {};
  }
}

async function install() {
  console.error('Installing dependencies. This takes a minute or two.');
  // The build needs the development dependencies, even if NODE_ENV or npm's settings leave them out.
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  const npm = process.env.npm_execpath;
  const output = npm?.endsWith('npm-cli.js')
    ? await run(process.execPath, [npm, ...args])
    : await run('npm', args);
  if (output !== null)
    fail(`${output}\nInstalling the dependencies failed; the reason is above. Fix it and start again.`);
  if (!isInstalled())
    fail(
      `${loadNativePackages()}\nThe dependencies are installed, but the database driver doesn't load; the reason is above. If there is no prebuilt driver for this platform, install python3, make and a C++ compiler.`,
    );
}

/** Loads them in another process, which a broken one may crash. Returns the error output. */
function loadNativePackages() {
  const script = `new (require('${DRIVER}'))(':memory:').close(); require('@node-rs/argon2')`;
  const { status, signal, stderr } = spawnSync(process.execPath, ['-e', script], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  return status === 0 ? '' : stderr || `Node was stopped by ${signal}.`;
}

const isBuilt = () =>
  existsSync(at('build', 'server', 'index.js')) && readIfPresent(BUILD_STAMP) === buildStamp();

/** The driver that the build imports, and a hash of the names and contents of all sources. */
function buildStamp() {
  const inFolders = SOURCE_FOLDERS.filter((name) => existsSync(at(name))).flatMap((folder) =>
    readdirSync(at(folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name)),
  );
  const hash = createHash('sha256');
  for (const path of [...inFolders.sort(), ...SOURCE_FILES.map((name) => at(name))]) {
    const content = readFileSync(path);
    hash.update(`${path.slice(ROOT.length)}\0${content.length}\0`).update(content);
  }
  return JSON.stringify({ driver: DRIVER, sources: hash.digest('hex') });
}

async function build() {
  console.error('Building. This takes less than a minute.');
  // Hashed before the build, so that a file saved during the build makes the next start build again.
  const stamp = buildStamp();
  rmSync(BUILD_STAMP, { force: true });
  const remix = at('node_modules', '@remix-run', 'dev', 'dist', 'cli.js');
  const output = await run(process.execPath, [remix, 'vite:build', '--logLevel', 'warn']);
  if (output !== null) fail(`${output}\nThe build failed; the reason is above.`);
  writeFileSync(BUILD_STAMP, stamp);
}

/**
 * Runs a program in the project's directory and holds the lock until it ends. A signal to this process stops it first.
 *
 * @param {string} command
 * @param {string[]} args
 * @returns {Promise<string | null>} what the program printed if it failed; null if it succeeded
 */
function run(command, args) {
  return new Promise((resolve) => {
    const shell = process.platform === 'win32' && command === 'npm';
    /** @type {NodeJS.ProcessEnv} */
    const env = { ...process.env, NODE_ENV: 'production' };
    const options = { cwd: ROOT, env, shell, maxBuffer: Number.POSITIVE_INFINITY };
    const child = execFile(command, args, options, (error, stdout, stderr) => {
      process.off('SIGINT', stop).off('SIGTERM', stop);
      resolve(error && (stdout + stderr || `${error.message}. Is ${command} on the PATH?`));
    });
    const stop = (/** @type {NodeJS.Signals} */ signal) => {
      child.once('close', () => process.exit(signal === 'SIGINT' ? 130 : 143));
      child.kill(signal);
    };
    process.on('SIGINT', stop).on('SIGTERM', stop);
    if (child.pid !== undefined) addToLock(LOCK, child.pid);
  });
}

/** @param {string} message @returns {never} */
function fail(message) {
  console.error(message);
  process.exit(1);
}
