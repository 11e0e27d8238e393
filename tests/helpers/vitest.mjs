import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Runs vitest over the whole project, shows what it prints, and closes with `N passed, N failed`.
 *
 * @param {string[]} args further arguments for vitest
 * @returns {Promise<number>} the exit code: 0 only when something ran and nothing failed
 */
export async function runVitest(args) {
  const report = join(ROOT, '.cache', 'test-report.json');
  mkdirSync(join(ROOT, '.cache'), { recursive: true });
  rmSync(report, { force: true });
  const vitest = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const projects = ['--project=rules', '--project=browser'];
  const child = spawn(process.execPath, [vitest, 'run', ...projects, ...reporters, ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const forward = (/** @type {NodeJS.Signals} */ signal) => child.kill(signal);
  process.on('SIGINT', forward).on('SIGTERM', forward);
  /** @type {[number | null, NodeJS.Signals | null]} */
  const [code, signal] = await new Promise((resolve) => child.once('close', (...end) => resolve(end)));
  const exitCode = code ?? 1;

  const { passed, failed } = count(report);
  console.log(`\n${passed} passed, ${failed} failed`);
  if (signal !== null) console.error(`The run was ended by ${signal}.`);
  else if (passed + failed === 0) console.error('No test ran.');
  else if (failed === 0 && exitCode !== 0)
    console.error('The tests passed, but the run itself failed; see above.');
  return exitCode !== 0 || failed > 0 || passed === 0 ? exitCode || 1 : 0;
}

/**
 * @param {string} report the path of vitest's JSON report
 * @returns {{ passed: number, failed: number }} a file that could not be loaded counts as one failed test
 */
function count(report) {
  let results;
  try {
    results = JSON.parse(readFileSync(report, 'utf8'));
  } catch {
    return { passed: 0, failed: 0 };
  }
  const broken = results.testResults.filter(
    (/** @type {{ status: string, assertionResults: { status: string }[] }} */ file) =>
      file.status === 'failed' && !file.assertionResults.some(({ status }) => status === 'failed'),
  );
  return { passed: results.numPassedTests, failed: results.numFailedTests + broken.length };
}
