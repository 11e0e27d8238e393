import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type HttpClient, signIn } from '../../helpers/http';
import { ADMIN } from '../../helpers/server';
import { type Bench, mib, type Row, whole } from '../bench';
import { CHAT, putLoad } from '../load';
import { startListening, startProgram } from '../processes';
import { look, typical, type Vitals } from '../vitals';
import { call } from './aborts';
import { type Gateway, SLUG, startGateway } from './calls';
import { startUpstream } from './upstream';

const CONNECTIONS = 32;
const STREAMS = 100;
/** What there is already, as after years: more than SQLite keeps in memory of any database. */
const PAST = 100_000;
/** Enough changes to fill what the writing connection keeps. */
const CHANGES_BEFORE = 600;
/** Every stream lasts so long, then its client opens another. */
const STREAM_EVENTS = 100;
const EVENT_MS = 100;
const LOOK_EVERY_MS = 10_000;

/** What a round of the soak did beside the plain calls. */
interface Done {
  calls: number;
  streams: number;
  dropped: number;
  aborts: number;
  revocations: number;
  /** Calls that passed with a key whose revocation had been acknowledged, and streams that it did not cut. */
  wrong: string[];
}

/**
 * Half of the peak for so many minutes, with streams, clients that go away, and keys that are issued, used and
 * revoked, while the server's memory, handles and event loop are looked at.
 */
export async function soak(bench: Bench, minutes: number): Promise<Row[]> {
  const events = await startListening(bench.cleanup, 'event-upstream');
  const gateway = await startGateway(bench, await startUpstream(bench, events.origin), 100, PAST);
  const load = {
    url: `${gateway.server.url}/gateway/${SLUG}/v1/chat/completions`,
    body: CHAT,
    keys: gateway.keys,
  };
  const peak = await putLoad(bench.folder, { ...load, connections: CONNECTIONS, seconds: 10 });
  const eachMs = (perSecond: number) => (CONNECTIONS * 1000) / perSecond;
  // A call takes its time, too: what is waited between two is the rest.
  const wantedMs = eachMs(peak.perSecond / 2);
  const trial = { ...load, connections: CONNECTIONS, seconds: 5, pauseMs: Math.round(wantedMs) };
  const tooLongMs = eachMs((await putLoad(bench.folder, trial)).perSecond) - trial.pauseMs;
  const pauseMs = Math.max(1, Math.round(wantedMs - tooLongMs));
  bench.log(
    `peak ${whole(peak.perSecond)} calls/s; each of ${CONNECTIONS} connections now waits ${pauseMs} ms`,
  );

  const done: Done = { calls: 0, streams: 0, dropped: 0, aborts: 0, revocations: 0, wrong: [] };
  const admin = await signIn(gateway.server.url, ADMIN);
  await fillCaches(admin);
  const seconds = minutes * 60;
  const startedAt = performance.now();
  const elapsed = () => (performance.now() - startedAt) / 1000;
  const until = async (act: () => Promise<void>) => {
    while (elapsed() < seconds) await act();
  };
  const looks: Vitals[] = [];
  const paced = putLoad(bench.folder, { ...load, connections: CONNECTIONS, seconds, pauseMs });
  await Promise.all([
    paced,
    until(() => readStreams(bench, gateway, done)),
    until(() => abandon(gateway, done)),
    until(() => revoke(gateway, admin, done)),
    until(() => openPages(admin)),
    until(async () => {
      await sleep(LOOK_EVERY_MS);
      const now = await look(gateway.server.url, gateway.server.pid, elapsed());
      looks.push(now);
      bench.log(line(now));
    }),
  ]);
  await sleep(LOOK_EVERY_MS);
  const after = await look(gateway.server.url, gateway.server.pid, elapsed());
  done.calls = Math.round((await paced).perSecond * seconds);
  return rows(peak.perSecond, minutes, looks, after, done);
}

/**
 * SQLite keeps pages of the database in memory, up to a limit for each connection, and fills them as it comes to them:
 * what memory grows by afterwards is no cache.
 */
async function fillCaches(admin: HttpClient): Promise<void> {
  const { status } = await admin.mutate('audit.verify', {});
  if (status !== 200) throw new Error(`the trail could not be walked: ${status}`);
  for (let change = 0; change < CHANGES_BEFORE; change++)
    await admin.mutate('keys.revoke', await issue(admin));
}

/** A key for the soak's tool: its id, and the raw key. */
async function issue(admin: HttpClient): Promise<{ keyId: string; rawKey: string }> {
  const purpose = 'to be revoked while it streams';
  const { data } = await admin.mutate('keys.request', { tool: SLUG, environment: 'staging', purpose });
  const { key, rawKey } = data as { key: { id: string }; rawKey: string };
  return { keyId: key.id, rawKey };
}

async function readStreams({ cleanup }: Bench, { server, keys }: Gateway, done: Done): Promise<void> {
  const clients = startProgram(cleanup, 'event-clients', {
    URL_TO_READ: `${server.url}/gateway/${SLUG}/events?count=${STREAM_EVENTS}&everyMs=${EVENT_MS}`,
    AUTHORIZATION: `Bearer ${keys[0]}`,
    STREAMS: String(STREAMS),
    EVENTS: String(STREAM_EVENTS),
  });
  await clients.line();
  const { dropped = 0 } = await clients.line();
  done.streams += STREAMS;
  done.dropped += dropped;
}

/** A client that goes away: in the middle of a stream, and the next time before its first byte. */
async function abandon({ server, keys }: Gateway, done: Done): Promise<void> {
  const url = `${server.url}/gateway/${SLUG}/events?count=1000&everyMs=${EVENT_MS}`;
  const outgoing = call(url, keys[1] ?? '');
  outgoing.on('response', (answer) => answer.on('error', () => undefined));
  if (done.aborts % 2 === 0) {
    const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
    await once(answer, 'data');
  } else await sleep(5);
  outgoing.destroy();
  done.aborts += 1;
  await sleep(45);
}

/** A key is issued, streams, and is revoked: the stream must be cut, and the next call refused. */
async function revoke({ server }: Gateway, admin: HttpClient, done: Done): Promise<void> {
  const { keyId, rawKey } = await issue(admin);
  const url = `${server.url}/gateway/${SLUG}/events?count=1000&everyMs=${EVENT_MS}`;
  const outgoing = call(url, rawKey);
  const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
  answer.on('error', () => undefined);
  await once(answer, 'data');
  const cut = new Promise((resolve) => answer.once('close', resolve)).then(() => 'cut');
  const { status } = await admin.mutate('keys.revoke', { keyId });
  if (status !== 200) throw new Error(`the key could not be revoked: ${status}`);
  if ((await Promise.race([cut, sleep(5_000, 'open')])) === 'open') done.wrong.push('a stream was not cut');
  const headers = { authorization: `Bearer ${rawKey}` };
  const next = await fetch(`${server.url}/gateway/${SLUG}/v1/models`, { headers });
  await next.text();
  if (next.status !== 401) done.wrong.push(`a revoked key was answered ${next.status}`);
  done.revocations += 1;
  await sleep(400);
}

/** Pages whose length does not grow with what the soak itself adds: keys and entries by the thousand. */
async function openPages(admin: HttpClient): Promise<void> {
  for (const path of ['/admin/ai/keys', '/admin/audit', '/me/account']) {
    const page = await admin.get(path);
    await page.text();
    if (page.status !== 200) throw new Error(`${path} was answered ${page.status}`);
    await sleep(1_000);
  }
}

const line = (vitals: Vitals): string =>
  `${whole(vitals.seconds)} s: ${mib(vitals.residentBytes)} resident, ${mib(vitals.heapBytes)} heap, ${vitals.sockets} sockets, ${vitals.handles} handles, event loop p99 ${vitals.loopDelayP99Ms.toFixed(1)} ms`;

/**
 * The beginning (after a minute of warming up), the middle and the end, each a tenth of the run. Memory may
 * differ by what one garbage collection frees or not; what leaks by the call would be far beyond that.
 */
function rows(peak: number, minutes: number, looks: readonly Vitals[], after: Vitals, done: Done): Row[] {
  const warm = looks.filter(({ seconds }) => seconds > Math.min(60, minutes * 10));
  const tenth = Math.max(1, Math.floor(warm.length / 10));
  const middleAt = Math.floor((warm.length - tenth) / 2);
  const [before, middle, end] = [
    typical(warm.slice(0, tenth)),
    typical(warm.slice(middleAt, middleAt + tenth)),
    typical(warm.slice(-tenth)),
  ];
  const row = (
    metric: string,
    vital: keyof Vitals,
    mayGrowBy: number,
    text: (number: number) => string,
  ): Row => ({
    metric: `${metric}: before → middle → end; 10 s after the load`,
    target: `grows ≤ ${text(mayGrowBy)} from the middle to the end`,
    measured: `${text(before[vital])} → ${text(middle[vital])} → ${text(end[vital])}; ${text(after[vital])}`,
    met: end[vital] - middle[vital] <= mayGrowBy,
  });
  const { calls, streams, dropped, aborts, revocations, wrong } = done;
  return [
    {
      metric: `${minutes} minutes at half of the peak of ${whole(peak)} calls/s`,
      target: 'nothing dropped, every revocation cuts its stream',
      measured: `${whole(calls)} calls, ${whole(streams)} streams (${dropped} dropped), ${whole(aborts)} clients went away, ${whole(revocations)} keys revoked in mid-stream (${wrong.length} went on${wrong.length > 0 ? `: ${wrong[0]}` : ''})`,
      met: dropped === 0 && wrong.length === 0,
    },
    row('resident memory', 'residentBytes', 8 * 1024 * 1024, mib),
    row('heap in use', 'heapBytes', 8 * 1024 * 1024, mib),
    row('sockets', 'sockets', 5, (count) => String(Math.round(count))),
    row('file handles', 'handles', 5, (count) => String(Math.round(count))),
    row('event-loop delay, p99', 'loopDelayP99Ms', 5, (ms) => `${ms.toFixed(1)} ms`),
  ];
}
