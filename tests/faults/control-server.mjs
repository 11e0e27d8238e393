// Runs `control-server.ts`, which the built server has no part of, from its sources. What the first argument
// names is left out of the server; see there.
import { fileURLToPath } from 'node:url';
import { createServer } from 'vite';
import { SHARED_CONFIG } from '../../app/bin/vite-shared-config.mjs';

const vite = await createServer({
  configFile: false,
  root: fileURLToPath(new URL('../..', import.meta.url)),
  logLevel: 'error',
  appType: 'custom',
  server: { middlewareMode: true, hmr: false, watch: null, ws: false },
  optimizeDeps: { noDiscovery: true },
  ...SHARED_CONFIG,
});
const { serve } = await vite.ssrLoadModule('/tests/faults/control-server.ts');
await serve(process.argv[2]);
