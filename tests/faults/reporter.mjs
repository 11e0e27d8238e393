// The report of `npm run faults`: each scenario's title, what it told, and whether it held.

/** @import { SerializedError, TestCase, TestModule } from 'vitest/node' */

/** @param {number} ms */
const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;

export default class FaultsReporter {
  #group = '';
  #held = 0;
  #failed = 0;
  #started = performance.now();

  /** @param {TestCase} test */
  onTestCaseResult(test) {
    const group = test.parent.type === 'suite' ? test.parent.name : '';
    if (group !== this.#group) {
      this.#group = group;
      console.log(`\n${group}`);
    }
    const { state, errors = [] } = test.result();
    if (state === 'skipped') {
      console.log(`  not tried  ${test.name}: this machine does not let it`);
      return;
    }
    const held = state === 'passed';
    if (held) this.#held += 1;
    else this.#failed += 1;
    console.log(
      `  ${held ? 'held  ' : 'FAILED'}  ${test.name} (${seconds(test.diagnostic()?.duration ?? 0)})`,
    );
    for (const line of test.meta().told ?? []) console.log(`          ${line}`);
    for (const { stack, message, diff } of errors) {
      console.log(`          ${stack ?? message}`);
      if (diff) console.log(diff);
    }
  }

  /** @param {ReadonlyArray<TestModule>} modules @param {ReadonlyArray<SerializedError>} unhandled */
  onTestRunEnd(modules, unhandled) {
    const errors = [...unhandled, ...modules.flatMap((module) => module.errors())];
    for (const error of errors) console.log(`\nFAILED  ${error.stack ?? error.message}`);
    const failed = this.#failed + errors.length;
    console.log(`\n${this.#held} held, ${failed} failed, in ${seconds(performance.now() - this.#started)}`);
  }
}
