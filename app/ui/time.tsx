import { useSyncExternalStore } from 'react';
import { formatLocal, formatRelative, formatUtc } from '~/core/format-time';

const REFRESH_MS = 30_000;

/* One clock for all the times on a page: a list has hundreds, and each would keep a timer of its own. */
const watching = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;
let clock = 0;

function tick(): void {
  clock = Date.now();
  for (const changed of watching) changed();
}

function watch(changed: () => void): () => void {
  if (watching.size === 0) {
    clock = Date.now();
    timer = setInterval(tick, REFRESH_MS);
  }
  watching.add(changed);
  return () => {
    watching.delete(changed);
    if (watching.size === 0) clearInterval(timer);
  };
}

/** How long ago (or until), with the full local time and UTC on hover. `now` is the server's, from the loader. */
export function Time({ at, now }: { at: number; now: number }) {
  // 0 on the server and until the page runs: neither knows where the reader's clock stands.
  const current = useSyncExternalStore(
    watch,
    () => clock,
    () => 0,
  );
  return (
    <time
      dateTime={new Date(at).toISOString()}
      title={current === 0 ? formatUtc(at) : `${formatLocal(at)} (${formatUtc(at)})`}
      className="whitespace-nowrap"
    >
      {/* A reader's clock that is behind must not put into the future what the server has just told of. */}
      {formatRelative(at, Math.max(current, now))}
    </time>
  );
}
