import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** How many bytes may pass before the memory they came in is collected. */
const COLLECT_EVERY_BYTES = 16 * 1024 * 1024;

/** V8's own collector of what is young, which takes about a millisecond. The global `gc` is not made. */
const collect: (options: { type: 'minor' }) => void = (() => {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc');
})();

let passing = 0;

/**
 * To be told of every piece of a body that passes. A piece is garbage once it has been sent on, but its bytes
 * lie outside the heap, where V8 lets 32 MiB of them pile up before it looks: a large body would cost that
 * much memory on its way.
 */
export function notePassed(bytes: number): void {
  passing += bytes;
  if (passing < COLLECT_EVERY_BYTES) return;
  passing = 0;
  collect({ type: 'minor' });
}
