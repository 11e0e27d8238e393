import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * Programs that tests run beside the server, under the names that systems give them. `setting` is the
 * environment variable that names another one; `debian` the package that brings it.
 */
const PROGRAMS = {
  chromium: {
    setting: 'CHROMIUM_PATH',
    debian: 'chromium',
    names: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
    places: ['/Applications/Google Chrome.app/Contents/MacOS', '/Applications/Chromium.app/Contents/MacOS'],
  },
  nginx: {
    setting: 'NGINX_PATH',
    debian: 'nginx',
    names: ['nginx'],
    places: ['/usr/sbin', '/usr/local/sbin'],
  },
  caddy: { setting: 'CADDY_PATH', debian: 'caddy', names: ['caddy'], places: [] },
  wrk: { setting: 'WRK_PATH', debian: 'wrk', names: ['wrk'], places: [] },
  strace: { setting: 'STRACE_PATH', debian: 'strace', names: ['strace'], places: [] },
  // Run by its name, as people paste it.
  curl: { setting: 'CURL_PATH', debian: 'curl', names: ['curl'], places: [] },
};

/** @typedef {keyof typeof PROGRAMS} Program */

/** What `npm test` needs; `wrk` is for the bench alone, and `strace` watches Linux alone. @type {Program[]} */
const FOR_TESTS = ['chromium', 'nginx', 'caddy', 'curl'];
if (process.platform === 'linux') FOR_TESTS.push('strace');

/**
 * The path of an installed program; null when there is none.
 *
 * @param {Program} program
 * @returns {string | null}
 */
export function findProgram(program) {
  const { setting, names, places } = PROGRAMS[program];
  const given = process.env[setting];
  if (given) return given;
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...places];
  // macOS applications have a capital and a space: `Google Chrome`, `Chromium`.
  const spellings = [...names, 'Google Chrome', 'Chromium'];
  for (const name of program === 'chromium' ? spellings : names) {
    for (const folder of folders) {
      if (folder !== '' && isExecutable(join(folder, name))) return join(folder, name);
    }
  }
  return null;
}

/**
 * The path of an installed program, for a test that cannot do without.
 *
 * @param {Program} program
 * @returns {string}
 */
export function requireProgram(program) {
  const path = findProgram(program);
  if (path === null) throw new Error(howToGet([program]));
  return path;
}

/**
 * Installs what is missing where that can be done without asking: as root, from Debian's packages.
 *
 * @param {Program[]} programs
 * @returns {string | null} what is still missing and what to do, in a sentence; null when all is there.
 */
export function installPrograms(programs = FOR_TESTS) {
  const missing = programs.filter((program) => findProgram(program) === null);
  if (missing.length === 0) return null;
  const mayInstall = process.getuid?.() === 0 && isExecutable('/usr/bin/apt-get');
  if (mayInstall) {
    const packages = missing.map((program) => PROGRAMS[program].debian);
    console.error(`Installing ${packages.join(', ')} to run beside the server.`);
    for (const args of [
      ['update', '-q'],
      ['install', '-y', '-q', '--no-install-recommends', ...packages],
    ]) {
      const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
      const result = spawnSync('apt-get', args, { env, stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8' });
      if (result.status !== 0) return `${result.stdout}${result.stderr}\n${howToGet(missing)}`;
    }
  }
  const still = missing.filter((program) => findProgram(program) === null);
  return still.length === 0 ? null : howToGet(still);
}

/** @param {Program[]} programs */
function howToGet(programs) {
  const settings = programs.map((program) => PROGRAMS[program].setting);
  return `This needs ${programs.join(', ')}: install ${programs.length === 1 ? 'it' : 'them'}, or name the path in ${settings.join(', ')}.`;
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
