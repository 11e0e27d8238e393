// The report of `npm run faults`: each scenario's name, its lines and whether it passed. Printed, and written to a file.
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';

/** @import { SerializedError, TestCase, TestModule } from 'vitest/node' */

const REPORT = new URL('../../.cache/reports/faults.txt', import.meta.url);

/** @param {number} ms */
const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;

export default class FaultsReporter {
  #group = '';
  #passed = 0;
  #failed = 0;
  #started = performance.now();

  constructor() {
    mkdirSync(new URL('.', REPORT), { recursive: true });
    writeFileSync(REPORT, '');
  }

  /** @param {string} line */
  #print(line) {
    console.log(line);
    appendFileSync(REPORT, `${line}\n`);
  }

  /** @param {TestCase} test */
  onTestCaseResult(test) {
    const group = test.parent.type === 'suite' ? test.parent.name : '';
    if (group !== this.#group) {
      this.#group = group;
      this.#print(`\n${group}`);
    }
    const { state, errors = [] } = test.result();
    if (state === 'skipped') {
      this.#print(`  skipped ${test.name}: not possible on this machine`);
      return;
    }
    const passed = state === 'passed';
    if (passed) this.#passed += 1;
    else this.#failed += 1;
    const took = seconds(test.diagnostic()?.duration ?? 0);
    this.#print(`  ${passed ? 'passed' : 'FAILED'}  ${test.name} (${took})`);
    for (const line of test.meta().reportLines ?? []) this.#print(`          ${line}`);
    for (const { stack, message, diff } of errors) {
      this.#print(`          ${stack ?? message}`);
      if (diff) this.#print(diff);
    }
  }

  /** @param {ReadonlyArray<TestModule>} modules @param {ReadonlyArray<SerializedError>} unhandled */
  onTestRunEnd(modules, unhandled) {
    const errors = [...unhandled, ...modules.flatMap((module) => module.errors())];
    for (const error of errors) this.#print(`\nFAILED  ${error.stack ?? error.message}`);
    const failed = this.#failed + errors.length;
    this.#print(
      `\n${this.#passed} passed, ${failed} failed, in ${seconds(performance.now() - this.#started)}`,
    );
  }
}
