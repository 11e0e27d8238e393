// Runs `control-server.ts`, which the built server has no part of, from its sources. What the first argument
// names is left out of the server; see there.
import { fileURLToPath } from 'node:url';
import { createServer } from 'vite';

const folder = (/** @type {string} */ path) => fileURLToPath(new URL(path, import.meta.url));

const vite = await createServer({
  configFile: false,
  root: folder('../..'),
  logLevel: 'error',
  appType: 'custom',
  server: { middlewareMode: true, hmr: false, watch: null, ws: false },
  optimizeDeps: { noDiscovery: true },
  resolve: { alias: { '~': folder('../../app'), '~db': folder('../../db') } },
});
const { serve } = await vite.ssrLoadModule('/tests/faults/control-server.ts');
await serve(process.argv[2]);
