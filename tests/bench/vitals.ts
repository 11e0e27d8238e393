import { readdirSync, readlinkSync } from 'node:fs';
import { median } from './bench';
import { residentBytes } from './processes';

/** What a server that runs for months must not have more and more of. */
export interface Vitals {
  /** Since the watch began. */
  seconds: number;
  residentBytes: number;
  heapBytes: number;
  sockets: number;
  /** File handles of every kind, sockets among them. */
  handles: number;
  /** The 99th percentile of the event loop's delay since the last look. */
  loopDelayP99Ms: number;
}

const VITALS = ['residentBytes', 'heapBytes', 'sockets', 'handles', 'loopDelayP99Ms'] as const;

/** Looks at a running server: its process from outside, its heap and event loop through its own `/metrics`. */
export async function look(url: string, pid: number, seconds: number): Promise<Vitals> {
  const metrics = await (await fetch(`${url}/metrics`)).text();
  const value = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(metrics)?.[1]);
  const links = readdirSync(`/proc/${pid}/fd`).map((handle) => targetOf(`/proc/${pid}/fd/${handle}`));
  return {
    seconds,
    residentBytes: residentBytes(pid),
    heapBytes: value('nodejs_heap_size_used_bytes'),
    sockets: links.filter((target) => target.startsWith('socket:')).length,
    handles: links.length,
    loopDelayP99Ms: value('nodejs_eventloop_lag_p99_seconds') * 1000,
  };
}

/** A handle that was closed since it was listed leads nowhere. */
function targetOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

/** The middle value of each vital over these looks. */
export function typical(looks: readonly Vitals[]): Vitals {
  const middle = (vital: keyof Vitals) => median(looks.map((one) => one[vital]));
  const entries = (['seconds', ...VITALS] as const).map((vital) => [vital, middle(vital)]);
  return Object.fromEntries(entries) as Vitals;
}
