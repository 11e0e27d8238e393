// Runs `control-server.ts` from its sources, since the build doesn't contain it. The first argument names the control.
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
