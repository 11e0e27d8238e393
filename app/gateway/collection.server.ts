import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** How many bytes may pass before the memory they came in is collected. */
const COLLECT_EVERY_BYTES = 16 * 1024 * 1024;

/** To be told of every piece of a body that passes. */
export type NotePassed = (bytes: number) => void;

/**
 * Has the memory of bodies collected as they pass (decision 13). A piece is garbage once it has been sent on,
 * but its bytes lie outside the heap, where V8 lets 32 MiB of them pile up before it looks: a large body would
 * cost that much memory on its way.
 *
 * @param gc V8's collector; without one the memory is left to V8's own time.
 */
export function createNotePassed(gc: unknown = findCollector()): NotePassed {
  if (typeof gc !== 'function') return () => undefined;
  let passed = 0;
  return (bytes) => {
    passed += bytes;
    if (passed < COLLECT_EVERY_BYTES) return;
    passed = 0;
    gc({ type: 'minor' }); // only what is young, which takes a millisecond or three
  };
}

/** V8 hands its collector to contexts made while it is asked to; ours keeps no global `gc`. */
function findCollector(): unknown {
  try {
    setFlagsFromString('--expose-gc');
    return runInNewContext('globalThis.gc');
  } catch {
    return undefined;
  } finally {
    if (typeof globalThis.gc !== 'function') setFlagsFromString('--no-expose-gc');
  }
}
