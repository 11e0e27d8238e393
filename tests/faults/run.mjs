#!/usr/bin/env node
// `npm run faults`: builds if necessary, then runs all of tests/faults at full length, one file after the other, and
// writes the report to .cache/reports/faults.txt. Arguments select files, such as `kill`; FAULTS_SEED repeats a run.
import '../../app/bin/require-supported-node.mjs';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const { installAndBuild } = await import('../../app/bin/install-and-build.mjs');
await installAndBuild();
const names = process.argv.slice(2);
const files = names.length === 0 ? ['tests/faults/'] : names.map((name) => `tests/faults/${name}`);
const vitest = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url));
const options = ['--project', 'rules', '--no-file-parallelism', '--reporter=./tests/faults/reporter.mjs'];
const child = spawn(process.execPath, [vitest, 'run', ...options, ...files], {
  cwd: ROOT,
  env: { ...process.env, FAULTS: 'full' },
  stdio: 'inherit',
});
const forward = (/** @type {NodeJS.Signals} */ signal) => child.kill(signal);
process.on('SIGINT', forward).on('SIGTERM', forward);
process.exitCode = await new Promise((resolve) => child.once('close', (code) => resolve(code ?? 1)));
