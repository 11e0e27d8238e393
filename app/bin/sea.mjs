import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { DRIVER } from './vite-shared-config.mjs';

const require = createRequire(import.meta.url);
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CLIENT = join(ROOT, 'build', 'client');
/** Where the parts are laid together. */
const PARTS = join(ROOT, 'build', 'executable');
/** Marks the place in Node's own program where an application is put; Node looks for it at every start. */
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';

/**
 * Puts the built server, what browsers load, and the native modules into a copy of this very Node.
 *
 * @param {string} [target] the file to make; `build/my-ai-keys` unless given
 */
export async function buildExecutable(target = join(ROOT, 'build', 'my-ai-keys')) {
  if (!readFileSync(process.execPath).includes(FUSE)) {
    throw new Error(`${process.execPath} cannot carry an application; use the Node that nodejs.org offers.`);
  }
  rmSync(PARTS, { recursive: true, force: true });
  mkdirSync(PARTS, { recursive: true });
  await bundle();
  const blob = makeBlob();
  const file = resolve(process.platform === 'win32' ? `${target.replace(/\.exe$/, '')}.exe` : target);
  copyFileSync(process.execPath, file);
  chmodSync(file, 0o755);
  // The copy's signature is that of Node alone; macOS starts no program whose signature is broken.
  if (process.platform === 'darwin') run('codesign', ['--remove-signature', file]);
  const segment = process.platform === 'darwin' ? ['--macho-segment-name', 'NODE_SEA'] : [];
  const postject = require.resolve('postject/dist/cli.js');
  run(process.execPath, [postject, file, 'NODE_SEA_BLOB', blob, '--sentinel-fuse', FUSE, ...segment]);
  if (process.platform === 'darwin') run('codesign', ['--sign', '-', file]);
  rmSync(PARTS, { recursive: true });
  console.log(file);
}

/** A second pass over the built server: everything that it loads in one CommonJS file. */
async function bundle() {
  await build({
    configFile: false,
    root: ROOT,
    logLevel: 'warn',
    plugins: [embeddedNatives],
    ssr: { noExternal: true },
    build: {
      ssr: join(ROOT, 'build', 'server', 'index.js'),
      outDir: PARTS,
      emptyOutDir: false,
      target: 'node20',
      // undici asks for it only when a cache is kept there, and Node 20 has none to give.
      commonjsOptions: { ignore: ['node:sqlite'] },
      rollupOptions: { output: { format: 'cjs', entryFileNames: 'server.cjs', inlineDynamicImports: true } },
    },
  });
}

/** Node makes the blob from a list of what goes in. @returns {string} its path */
function makeBlob() {
  const paths = readdirSync(CLIENT, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  const client = Object.fromEntries(
    paths.map((path) => [path.slice(CLIENT.length).replaceAll('\\', '/'), path]),
  );
  const list = join(PARTS, 'client-files.json');
  writeFileSync(list, JSON.stringify(Object.keys(client)));
  const output = join(PARTS, 'blob');
  const settings = join(PARTS, 'sea.json');
  writeFileSync(
    settings,
    JSON.stringify({
      main: join(PARTS, 'server.cjs'),
      output,
      disableExperimentalSEAWarning: true,
      useCodeCache: true,
      assets: { ...client, [basename(list)]: list, ...natives() },
    }),
  );
  run(process.execPath, ['--experimental-sea-config', settings]);
  return output;
}

/** The names of the native modules among the assets. */
const ARGON2 = 'argon2.node';
const DATABASE = 'database.node';

/**
 * The native modules of this platform: those that are loaded when their packages are.
 *
 * @returns {Record<string, string>} their paths by the name of the asset
 */
function natives() {
  require('@node-rs/argon2');
  new (require(DRIVER))(':memory:').close();
  const loaded = Object.keys(require.cache).filter((path) => path.endsWith('.node'));
  const of = (/** @type {string[]} */ ...name) =>
    loaded.find((path) => path.includes(join('node_modules', ...name))) ?? '';
  return { [ARGON2]: of('@node-rs', 'argon2'), [DATABASE]: of(DRIVER) };
}

const LOADER = `import { loadNative } from ${JSON.stringify(join(ROOT, 'app', 'bin', 'load-native-addon.cjs'))};`;
/** By the id of a module: what stands in for one that finds and loads a native module on a disk. */
const STAND_INS = {
  '\0argon2': `${LOADER}\nconst { hash, verify } = loadNative('${ARGON2}');\nexport { hash, verify };`,
  // The driver finds its own by a package of this name up to version 12, and since by a file of its own.
  '\0bindings': `${LOADER}\nexport default () => loadNative('${DATABASE}');`,
  '\0binding': `${LOADER}\nlet database;\nexport const getBinding = () => (database ??= loadNative('${DATABASE}'));`,
};

/** @type {import('vite').Plugin} */
const embeddedNatives = {
  name: 'embedded-natives',
  enforce: 'pre',
  resolveId(source, importer) {
    if (source === '@node-rs/argon2') return '\0argon2';
    if (source === 'bindings') return '\0bindings';
    return source === './binding' && importer?.includes(`/${DRIVER}/`) ? '\0binding' : null;
  },
  load: (id) => Object.entries(STAND_INS).find(([name]) => name === id)?.[1] ?? null,
};

/** @param {string} command @param {string[]} args */
function run(command, args) {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed:\n${stdout}${stderr}`);
}
