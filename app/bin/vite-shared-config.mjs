import { fileURLToPath } from 'node:url';

const folder = (/** @type {string} */ path) => fileURLToPath(new URL(path, import.meta.url));

/**
 * The package that the database driver is taken from, chosen by the Node that runs: better-sqlite3 12 is the last
 * that runs on Node 20, and 13 the first that keeps running on Node 24 (docs/decisions/0010-dependencies.md).
 */
export const DRIVER = parseInt(process.versions.node, 10) < 22 ? 'better-sqlite3' : 'better-sqlite3-13';

/**
 * Puts that package wherever the code imports `better-sqlite3`. Not an alias: Vite bundles what an alias leads to,
 * even if it is external, and a native module cannot be bundled.
 *
 * @type {import('vite').Plugin}
 */
const driver = {
  name: 'database-driver',
  enforce: 'pre',
  transform: (code) =>
    code.includes('better-sqlite3')
      ? code.replace(/(\bfrom\s*)(["'])better-sqlite3\2/g, `$1'${DRIVER}'`)
      : null,
};

/** What Vite has to know of the names that are imported, for the build and for whatever runs from the sources. */
export const RESOLVING = {
  resolve: { alias: { '~': folder('../../app'), '~db': folder('../../db') } },
  ssr: { external: [DRIVER] },
  plugins: [driver],
};
