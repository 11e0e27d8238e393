#!/usr/bin/env node
// `npm run bench`: builds if necessary, installs what the server is compared with, measures every row of the table in
// docs/performance.md, prints it and writes it to .cache/reports/bench.md.
//
//   --only verify,proxy   only these scenarios
//   --quick               short rounds: to check that it works, not to quote
//   --write               also updates the table in docs/performance.md
//   --soak 30             instead: 30 minutes at half of the peak, watching memory, handles and delays
import '../../app/bin/require-supported-node.mjs';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { SHARED_CONFIG } from '../../app/bin/vite-shared-config.mjs';

const folder = (/** @type {string} */ path) => fileURLToPath(new URL(path, import.meta.url));

const { installAndBuild } = await import('../../app/bin/install-and-build.mjs');
await installAndBuild();
const { installPrograms } = await import('../helpers/programs.mjs');
const missing = installPrograms(['nginx', 'wrk', 'chromium']) ?? installOwnPackages();
if (missing !== null) {
  console.error(missing);
  process.exit(1);
}
const { runnerImport } = await import('vite');
await runnerImport(folder('main.ts'), {
  configFile: false,
  root: folder('../..'),
  logLevel: 'error',
  ...SHARED_CONFIG,
});

/** @returns {string | null} what went wrong; null when everything is installed. */
function installOwnPackages() {
  if (existsSync(folder('node_modules/@portkey-ai/gateway/package.json'))) return null;
  console.error('Installing what the server is compared with.');
  const { status, stdout, stderr } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: folder('.'),
    encoding: 'utf8',
  });
  return status === 0 ? null : `${stdout}${stderr}`;
}
