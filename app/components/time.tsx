import { useEffect, useState } from 'react';
import { useHydrated } from './hydrated';
import { formatRelative, formatUtc } from './time-format';

const REFRESH_MS = 30_000;

/** How long ago (or until), with the full local time and UTC on hover. `now` is the server's, from the loader. */
export function Time({ at, now }: { at: number; now: number }) {
  const hydrated = useHydrated();
  const [current, setCurrent] = useState(now);
  useEffect(() => {
    const tick = () => setCurrent(Date.now());
    tick();
    const timer = setInterval(tick, REFRESH_MS);
    return () => clearInterval(timer);
  }, []);
  const local = hydrated
    ? `${new Date(at).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium' })} (${formatUtc(at)})`
    : formatUtc(at);
  return (
    <time dateTime={new Date(at).toISOString()} title={local} className="whitespace-nowrap">
      {formatRelative(at, Math.max(current, hydrated ? 0 : now))}
    </time>
  );
}
