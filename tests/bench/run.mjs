#!/usr/bin/env node
// `npm run bench`: builds what is missing or stale, gets what the server is compared with, measures every row of
// the table in docs/performance.md and prints it.
//
//   --only verify,proxy   some scenarios
//   --quick               short rounds: to see that all works, not to quote
//   --write               puts the table into docs/performance.md
//   --soak 30             so many minutes at half of the peak instead, watching what must not grow
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { begin } from '../../app/bin/run-on-supported-node.mjs';
import { RESOLVING } from '../../app/bin/vite-shared-config.mjs';

const folder = (/** @type {string} */ path) => fileURLToPath(new URL(path, import.meta.url));

begin(async () => {
  const { prepare } = await import('../../app/bin/install-and-build.mjs');
  await prepare();
  const { installPrograms } = await import('../helpers/programs.mjs');
  const missing = installPrograms(['nginx', 'wrk', 'chromium']) ?? installOwnPackages();
  if (missing !== null) {
    console.error(missing);
    process.exitCode = 1;
    return;
  }
  const { runnerImport } = await import('vite');
  await runnerImport(folder('main.ts'), {
    configFile: false,
    root: folder('../..'),
    logLevel: 'error',
    ...RESOLVING,
  });
});

/** @returns {string | null} what went wrong; null when all is there. */
function installOwnPackages() {
  if (existsSync(folder('node_modules/@portkey-ai/gateway/package.json'))) return null;
  console.error('Installing what the server is compared with.');
  const { status, stdout, stderr } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: folder('.'),
    encoding: 'utf8',
  });
  return status === 0 ? null : `${stdout}${stderr}`;
}
