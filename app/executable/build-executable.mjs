#!/usr/bin/env node
// `npm run build:executable [-- <file>]`: copies this Node and embeds the built server, the client files and the native
// addons (docs/decisions/0011-one-executable.md). The file is build/my-ai-keys unless given.
import '../bin/require-supported-node.mjs';
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
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const { installAndBuild } = await import('../bin/install-and-build.mjs');
await installAndBuild();
const { build } = await import('vite');
const { DRIVER } = await import('../bin/vite-shared-config.mjs');

const require = createRequire(import.meta.url);
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CLIENT = join(ROOT, 'build', 'client');
const PARTS = join(ROOT, 'build', 'executable');
const BLOB = join(PARTS, 'blob');
const IS_MAC = process.platform === 'darwin';
/** Marks the place in Node's program file that an application is written to. */
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';

const LOADER = `import { loadNativeAddon } from ${JSON.stringify(join(ROOT, 'app', 'executable', 'load-native-addon.cjs'))};`;
/** By module id: replacements for the modules that find and load a native addon on disk. */
const EMBEDDED = new Map([
  ['\0argon2', `${LOADER} export const { hash, verify } = loadNativeAddon('argon2.node');`],
  // better-sqlite3 finds its addon with this package in version 12, and with its own module since 13.
  ['\0bindings', `${LOADER} export default () => loadNativeAddon('database.node');`],
  [
    '\0binding',
    `${LOADER} let addon; export const getBinding = () => (addon ??= loadNativeAddon('database.node'));`,
  ],
]);

/** @type {import('vite').Plugin} */
const embeddedAddons = {
  name: 'embedded-addons',
  enforce: 'pre',
  resolveId(source, importer) {
    if (source === '@node-rs/argon2') return '\0argon2';
    if (source === 'bindings') return '\0bindings';
    return source === './binding' && importer?.includes(`/${DRIVER}/`) ? '\0binding' : null;
  },
  load: (id) => EMBEDDED.get(id) ?? null,
};

/** Bundles the built server and its packages into one CommonJS file, the only kind of script that can be embedded. */
const bundleServer = () =>
  build({
    configFile: false,
    root: ROOT,
    logLevel: 'warn',
    plugins: [embeddedAddons],
    ssr: { noExternal: true },
    build: {
      ssr: join(ROOT, 'build', 'server', 'index.js'),
      outDir: PARTS,
      emptyOutDir: false,
      target: 'node20',
      // undici requires it only for a kind of cache that the server doesn't use. Node 20 doesn't have it.
      commonjsOptions: { ignore: ['node:sqlite'] },
      rollupOptions: { output: { format: 'cjs', entryFileNames: 'server.cjs', inlineDynamicImports: true } },
    },
  });

/** The native addons of this platform, by asset name: those that are loaded together with their packages. */
function nativeAddons() {
  require('@node-rs/argon2');
  new (require(DRIVER))(':memory:').close();
  const loaded = Object.keys(require.cache).filter((path) => path.endsWith('.node'));
  const pathIn = (/** @type {string} */ name) =>
    loaded.find((path) => path.includes(join('node_modules', name))) ?? '';
  return { 'argon2.node': pathIn('@node-rs'), 'database.node': pathIn(DRIVER) };
}

/** Writes everything to embed to `BLOB`. The client files are listed, as Node 20 can't list assets. */
function createBlob() {
  const paths = readdirSync(CLIENT, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  const clientFiles = Object.fromEntries(
    paths.map((path) => [path.slice(CLIENT.length).replaceAll('\\', '/'), path]),
  );
  const list = join(PARTS, 'client-files.json');
  writeFileSync(list, JSON.stringify(Object.keys(clientFiles)));
  const config = {
    main: join(PARTS, 'server.cjs'),
    output: BLOB,
    disableExperimentalSEAWarning: true,
    useCodeCache: true,
    assets: { ...clientFiles, 'client-files.json': list, ...nativeAddons() },
  };
  const configFile = join(PARTS, 'sea.json');
  writeFileSync(configFile, JSON.stringify(config));
  run(process.execPath, ['--experimental-sea-config', configFile]);
}

/** @param {string} target */
function embedBlob(target) {
  copyFileSync(process.execPath, target);
  chmodSync(target, 0o755);
  // The copied signature covers Node alone, and macOS doesn't run a program with an invalid one.
  if (IS_MAC) run('codesign', ['--remove-signature', target]);
  const options = ['--sentinel-fuse', FUSE, ...(IS_MAC ? ['--macho-segment-name', 'NODE_SEA'] : [])];
  const postject = require.resolve('postject/dist/cli.js');
  run(process.execPath, [postject, target, 'NODE_SEA_BLOB', BLOB, ...options]);
  if (IS_MAC) run('codesign', ['--sign', '-', target]);
}

/** @param {string} command @param {string[]} args */
function run(command, args) {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed:\n${stdout}${stderr}`);
}

if (!readFileSync(process.execPath).includes(FUSE))
  throw new Error(`${process.execPath} can't embed an application. Use a Node from nodejs.org.`);
rmSync(PARTS, { recursive: true, force: true });
mkdirSync(PARTS, { recursive: true });
await bundleServer();
createBlob();
const file = resolve(process.argv[2] ?? join(ROOT, 'build', 'my-ai-keys'));
const target = process.platform === 'win32' ? `${file.replace(/\.exe$/, '')}.exe` : file;
embedBlob(target);
rmSync(PARTS, { recursive: true });
console.log(target);
