#!/usr/bin/env node
// `npm test`: installs and builds what is missing or stale, installs the programs that tests use, runs all tests and
// ends with one line: how many passed and failed. Arguments go to vitest.
import '../app/bin/require-supported-node.mjs';

const { installAndBuild } = await import('../app/bin/install-and-build.mjs');
await installAndBuild();
const { installPrograms } = await import('./helpers/programs.mjs');
const missing = installPrograms();
if (missing !== null) {
  console.error(missing);
  process.exit(1);
}
const { runVitest } = await import('./helpers/vitest.mjs');
process.exitCode = await runVitest(process.argv.slice(2));
