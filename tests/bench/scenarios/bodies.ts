import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Bench, mib, type Row } from '../bench';
import { peakBytes, residentBytes, startListening } from '../processes';
import { SLUG, startGateway } from './calls';

const BODY_BYTES = 100 * 1024 * 1024;
const TARGET_BYTES = 64 * 1024 * 1024;
const BLOCK = Buffer.alloc(64 * 1024, 'x');

/** How much resident memory grows while a body of 100 MiB passes through, in each direction. */
export async function bodies(bench: Bench): Promise<Row[]> {
  const upstream = await startListening(bench.cleanup, 'event-upstream');
  const grown = { upload: 0, download: 0 };
  for (const [way, transfer] of [
    ['upload', upload],
    ['download', download],
  ] as const) {
    // One server each: otherwise the second would reuse the memory that the first has allocated.
    const folder = join(bench.folder, way);
    const { server, keys } = await startGateway({ ...bench, folder }, upstream.origin, 1);
    const url = `${server.url}/gateway/${SLUG}`;
    const headers = { authorization: `Bearer ${keys[0]}` };
    // Warm up: what is allocated once belongs to no transfer.
    await transfer(url, headers, 1024 * 1024);
    await sleep(2_000);
    const before = residentBytes(server.pid);
    const started = performance.now();
    const peak = await peakBytes(server.pid, transfer(url, headers, BODY_BYTES));
    grown[way] = peak - before;
    const perSecond = BODY_BYTES / ((performance.now() - started) / 1000);
    bench.log(`${way}: ${mib(before)} before, ${mib(peak)} at most, ${mib(perSecond)}/s`);
  }
  return [
    {
      metric: 'a 100 MiB upload and download',
      target: 'resident memory grows ≤ 64 MiB',
      measured: `${mib(grown.upload)} up, ${mib(grown.download)} down`,
      met: Math.max(grown.upload, grown.download) <= TARGET_BYTES,
    },
  ];
}

async function upload(url: string, headers: Record<string, string>, bytes: number): Promise<void> {
  const outgoing = request(`${url}/sink`, {
    method: 'POST',
    agent: false,
    headers: { ...headers, 'content-length': String(bytes) },
  });
  const answered = once(outgoing, 'response') as Promise<[IncomingMessage]>;
  for (let sent = 0; sent < bytes; sent += BLOCK.length) {
    if (!outgoing.write(BLOCK)) await once(outgoing, 'drain');
  }
  outgoing.end();
  const [response] = await answered;
  let text = '';
  for await (const chunk of response) text += chunk;
  if (JSON.parse(text).bytes !== bytes) throw new Error(`the upstream received ${text}`);
}

async function download(url: string, headers: Record<string, string>, bytes: number): Promise<void> {
  const outgoing = request(`${url}/fountain?bytes=${bytes}`, { agent: false, headers });
  outgoing.end();
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  let received = 0;
  for await (const chunk of response) received += (chunk as Buffer).length;
  if (received !== bytes) throw new Error(`received ${received} bytes`);
}
