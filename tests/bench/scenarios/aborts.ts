import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type HttpClient, signIn } from '../../helpers/http';
import { ADMIN } from '../../helpers/server';
import { type Bench, percentile, type Row } from '../bench';
import { CHAT, putLoad } from '../load';
import { SLUG, startGateway } from './calls';

const TARGET_MS = 100;

/** How soon one side learns that the other has gone, on an idle server and under full load. */
export async function aborts(bench: Bench): Promise<Row[]> {
  const upstream = await startTalkative(bench);
  const { server, keys } = await startGateway(bench, upstream.origin, 2 * TIMES + 1);
  const url = `${server.url}/gateway/${SLUG}`;
  const admin = await signIn(server.url, ADMIN);
  const measure = async (own: string[]) => ({
    aborted: await repeat((key) => abortMs(upstream, `${url}/talk`, key), own),
    early: await repeat((key) => abortMs(upstream, `${url}/silence`, key), own),
    revoked: await repeat((key) => revocationMs(admin, `${url}/talk`, key), own),
  });
  const idle = await measure(keys.slice(0, TIMES));
  const load = { url: `${server.url}/verify/${SLUG}`, body: CHAT, keys: keys.slice(-1), connections: 32 };
  let busy = true;
  const loading = (async () => {
    while (busy) await putLoad(bench.folder, { ...load, seconds: 2 });
  })();
  const loaded = await measure(keys.slice(TIMES, 2 * TIMES));
  busy = false;
  await loading;
  const row = (metric: string, kind: keyof typeof idle): Row => ({
    metric,
    target: `≤ ${TARGET_MS} ms`,
    measured: `${times(idle[kind])} idle; ${times(loaded[kind])} under full load`,
    met: Math.max(...idle[kind], ...loaded[kind]) <= TARGET_MS,
  });
  return [
    row('client goes away in mid-stream → the upstream sees it', 'aborted'),
    row('client goes away before the first byte → the upstream sees it', 'early'),
    row('revocation called → the open stream is cut at the client', 'revoked'),
  ];
}

const TIMES = 20;
const times = (ms: number[]) =>
  `p50 ${percentile(ms, 0.5).toFixed(1)} ms, max ${Math.max(...ms).toFixed(1)} ms`;

interface Talkative {
  origin: string;
  /** Resolves with the next call that arrives. */
  next(): Promise<ServerResponse>;
}

/** An upstream that begins every response except that of `/silence`, and ends none. */
async function startTalkative({ cleanup }: Bench): Promise<Talkative> {
  const server = createServer((call, response) => {
    if (!call.url?.startsWith('/silence')) response.write('data: begun\n\n');
    server.emit('talking', response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanup.add(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    next: async () => (await once(server, 'talking'))[0] as ServerResponse,
  };
}

async function repeat(measure: (key: string) => Promise<number>, keys: string[]): Promise<number[]> {
  const measured: number[] = [];
  for (const key of keys) measured.push(await measure(key));
  return measured;
}

/** A call on its own connection, without a timeout. */
export function call(url: string, key: string) {
  const outgoing = request(url, { agent: false, headers: { authorization: `Bearer ${key}` } });
  outgoing.on('error', () => undefined);
  outgoing.end();
  return outgoing;
}

async function abortMs(upstream: Talkative, url: string, key: string): Promise<number> {
  const coming = upstream.next();
  const outgoing = call(url, key);
  outgoing.on('response', (answer) => answer.on('error', () => undefined));
  if (!url.endsWith('/silence')) await once(outgoing, 'response');
  const response = await coming;
  const gone = new Promise((resolve) => response.once('close', resolve));
  const started = performance.now();
  outgoing.destroy();
  await gone;
  return performance.now() - started;
}

async function revocationMs(admin: HttpClient, url: string, key: string): Promise<number> {
  const outgoing = call(url, key);
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  response.on('error', () => undefined);
  await once(response, 'data');
  const keyId = await idOf(url, key);
  const cut = new Promise((resolve) => response.once('close', resolve));
  const started = performance.now();
  const { status, reason } = await admin.mutate('keys.revoke', { keyId, reason: 'to measure the cut' });
  if (status !== 200) throw new Error(`the key could not be revoked: ${reason}`);
  await cut;
  if (response.complete) throw new Error('the stream was ended as if it were whole');
  return performance.now() - started;
}

/** The key's id, from the verify endpoint. */
export async function idOf(url: string, key: string): Promise<string> {
  const verify = new URL(`/verify/${SLUG}`, url);
  const { headers } = await fetch(verify, { headers: { authorization: `Bearer ${key}` } });
  return headers.get('x-key-id') ?? '';
}
