import { setTimeout as sleep } from 'node:timers/promises';
import { type Bench, kib, median, mib, type Row, spread } from '../bench';
import { residentBytes, startListening, startProgram } from '../processes';
import { type Gateway, SLUG, startGateway } from './calls';

const TARGET_LATENCY = 1.5;
const TARGET_KIB = 64;

interface Read {
  url: string;
  key: string;
  streams: number;
  events: number;
  everyMs: number;
}

/** Reads event streams in another process. `opened` resolves when each has begun. */
function read(bench: Bench, { url, key, streams, events, everyMs }: Read) {
  const clients = startProgram(bench.cleanup, 'event-clients', {
    URL_TO_READ: `${url}/events?count=${events}&everyMs=${everyMs}`,
    AUTHORIZATION: `Bearer ${key}`,
    STREAMS: String(streams),
    EVENTS: String(events),
  });
  const opened = clients.line();
  return { opened, ended: opened.then(() => clients.line()) };
}

async function start(bench: Bench): Promise<{ gateway: Gateway; upstream: string; key: string }> {
  const upstream = await startListening(bench.cleanup, 'event-upstream');
  const gateway = await startGateway(bench, upstream.origin, 1);
  return { gateway, upstream: upstream.origin, key: gateway.keys[0] ?? '' };
}

/** How late an upstream's event arrives at the client: through the server, and through the bare pass-through. */
export async function events(bench: Bench): Promise<Row[]> {
  const { gateway, upstream, key } = await start(bench);
  const urls = {
    direct: upstream,
    bare: `${gateway.bare.origin}/gateway/${SLUG}`,
    ours: `${gateway.server.url}/gateway/${SLUG}`,
  };
  const names = ['direct', 'bare', 'ours'] as const;
  const p99Us: Record<(typeof names)[number], number[]> = { direct: [], bare: [], ours: [] };
  const streams = 200;
  const count = bench.quick ? 10 : 50;
  const rounds = bench.rounds + 1; // the first warms up
  for (let round = 0; round < rounds; round++) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const { ended } = read(bench, { url: urls[name], key, streams, events: count, everyMs: 100 });
      const result = await ended;
      if (result.dropped !== 0) throw new Error(`${name} dropped ${result.dropped} streams`);
      if (round > 0) p99Us[name].push(result.p99Us ?? Number.NaN);
    }
    bench.log(names.map((name) => `${name} p99 ${p99Us[name].at(-1)?.toFixed(0) ?? '–'} µs`).join(', '));
  }
  const ratio = p99Us.ours.map((us, round) => us / (p99Us.bare[round] ?? Number.NaN));
  const ms = (name: (typeof names)[number]) => (median(p99Us[name]) / 1000).toFixed(2);
  return [
    {
      metric: `event latency, upstream to client, p99, ${streams} streams`,
      target: `≤ ${TARGET_LATENCY} × bare pass-through`,
      measured: `${spread(ratio)} × (${ms('ours')} ms to ${ms('bare')} ms; direct ${ms('direct')} ms)`,
      met: median(ratio) <= TARGET_LATENCY,
    },
  ];
}

/** The memory that 1,000 concurrent streams use, and how many of them are dropped. */
export async function streams(bench: Bench): Promise<Row[]> {
  const { gateway, key } = await start(bench);
  const url = `${gateway.server.url}/gateway/${SLUG}`;
  const { pid } = gateway.server;
  const count = 1000;
  // Warm up: what is allocated once belongs to no stream.
  await read(bench, { url, key, streams: 100, events: 5, everyMs: 100 }).ended;
  await sleep(3_000);
  const before = residentBytes(pid);
  const held = bench.quick ? 10 : 40;
  const { opened, ended } = read(bench, { url, key, streams: count, events: held, everyMs: 500 });
  await opened;
  let most = residentBytes(pid);
  const result = await whileLooking(ended, () => {
    most = Math.max(most, residentBytes(pid));
  });
  const each = (most - before) / count;
  bench.log(`${mib(before)} before, ${mib(most)} at most, ${result.events} events`);
  return [
    {
      metric: `${count.toLocaleString('en-US')} concurrent streams`,
      target: `≤ ${TARGET_KIB} KiB of resident memory per stream; none dropped`,
      measured: `${kib(each)} a stream at most, ${result.dropped} dropped`,
      met: each <= TARGET_KIB * 1024 && result.dropped === 0,
    },
  ];
}

async function whileLooking<T>(work: Promise<T>, look: () => void): Promise<T> {
  const timer = setInterval(look, 100);
  try {
    return await work;
  } finally {
    clearInterval(timer);
  }
}
