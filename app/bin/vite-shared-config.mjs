import { fileURLToPath } from 'node:url';

const folder = (/** @type {string} */ path) => fileURLToPath(new URL(path, import.meta.url));

/**
 * The package of the database driver: better-sqlite3 12 is the last that runs on Node 20, and 13 the first that is
 * maintained for Node 24 (docs/decisions/0010-dependencies.md).
 */
export const DRIVER = parseInt(process.versions.node, 10) < 22 ? 'better-sqlite3' : 'better-sqlite3-13';

/**
 * Replaces imports of `better-sqlite3` with that package. Not an alias: Vite bundles the target of an alias even if it
 * is external, and a native package can't be bundled.
 *
 * @type {import('vite').Plugin}
 */
const databaseDriver = {
  name: 'database-driver',
  enforce: 'pre',
  transform: (code) =>
    code.includes('better-sqlite3')
      ? code.replace(/(\bfrom\s*)(["'])better-sqlite3\2/g, `$1'${DRIVER}'`)
      : null,
};

/** Module resolution for the build and for everything that runs from the sources. */
export const SHARED_CONFIG = {
  resolve: { alias: { '~': folder('../../app'), '~db': folder('../../db') } },
  ssr: { external: [DRIVER] },
  plugins: [databaseDriver],
};
