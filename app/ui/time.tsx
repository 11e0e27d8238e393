import { useSyncExternalStore } from 'react';
import { formatLocal, formatRelative, formatUtc } from '~/core/format-time';

const REFRESH_MS = 30_000;

/* One timer for all times on a page: a list has hundreds. */
const subscribers = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;
let clock = 0;

function tick(): void {
  clock = Date.now();
  for (const notify of subscribers) notify();
}

function subscribe(notify: () => void): () => void {
  if (subscribers.size === 0) {
    clock = Date.now();
    timer = setInterval(tick, REFRESH_MS);
  }
  subscribers.add(notify);
  return () => {
    subscribers.delete(notify);
    if (subscribers.size === 0) clearInterval(timer);
  };
}

/** A relative time; the tooltip has the full local time and UTC. `now` is the server's clock, from the loader. */
export function Time({ at, now }: { at: number; now: number }) {
  // 0 on the server and until hydration, since neither knows the reader's clock.
  const current = useSyncExternalStore(
    subscribe,
    () => clock,
    () => 0,
  );
  return (
    <time
      dateTime={new Date(at).toISOString()}
      title={current === 0 ? formatUtc(at) : `${formatLocal(at)} (${formatUtc(at)})`}
      className="whitespace-nowrap"
    >
      {/* If the reader's clock is behind, a recent time must not appear in the future. */}
      {formatRelative(at, Math.max(current, now))}
    </time>
  );
}
