#!/usr/bin/env node
// `npm test`: installs and builds what is missing or stale, finds the programs that tests run beside the
// server, runs every test and ends with one line that says how many passed and failed. Arguments go to vitest.
import { begin } from '../app/bin/run-on-supported-node.mjs';

begin(async () => {
  const { prepare } = await import('../app/bin/install-and-build.mjs');
  await prepare();
  const { installPrograms } = await import('./helpers/programs.mjs');
  const missing = installPrograms();
  if (missing !== null) {
    console.error(missing);
    process.exitCode = 1;
    return;
  }
  const { runVitest } = await import('./helpers/vitest.mjs');
  process.exitCode = await runVitest(process.argv.slice(2));
});
