import { createServer } from 'node:http';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { createAssets } from '~/http/assets.server';
import { listen } from '../gateway/harness';

const script = Buffer.from('export const answer = 42;\n'.repeat(50));
const files = new Map<string, Uint8Array>([
  ['/assets/app-1a2b.js', script],
  ['/assets/app-1a2b.js.gz', gzipSync(script)],
  ['/mark.svg', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>')],
]);

/** Sends one request to a server that serves only these files. */
async function ask(path: string, headers: Record<string, string> = {}, method = 'GET') {
  const assets = createAssets(files);
  const origin = await listen(
    createServer((request, response) => assets(request, response, () => response.writeHead(404).end())),
  );
  // Otherwise fetch would accept every coding and decode it.
  return await fetch(origin + path, { method, headers: { 'Accept-Encoding': 'identity', ...headers } });
}

it('sends type and length, and caches files with a hash in their name forever', async () => {
  const response = await ask('/assets/app-1a2b.js?v=1');
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'content-type': 'text/javascript; charset=utf-8',
    'content-length': String(script.length),
    'cache-control': 'public, max-age=31536000, immutable',
    'x-content-type-options': 'nosniff',
    vary: 'Accept-Encoding',
  });
  expect(Buffer.from(await response.arrayBuffer()).equals(script)).toBe(true);
  expect((await ask('/mark.svg')).headers.get('cache-control')).toBe('no-cache');
});

it.each([
  ['gzip', 'gzip'],
  ['br, gzip;q=0.8', 'gzip'],
  ['gzip;q=0', null],
  ['identity', null],
])('for Accept-Encoding %j sends content coding %j', async (accepted, coding) => {
  const response = await ask('/assets/app-1a2b.js', { 'Accept-Encoding': accepted });
  expect(response.headers.get('content-encoding')).toBe(coding);
  expect(Buffer.from(await response.arrayBuffer()).equals(script)).toBe(true);
});

it('returns 304 for the same ETag in the same coding', async () => {
  const first = await ask('/assets/app-1a2b.js', { 'Accept-Encoding': 'gzip' });
  const tag = first.headers.get('etag') ?? '';
  const gzip = { 'Accept-Encoding': 'gzip', 'If-None-Match': tag };
  expect((await ask('/assets/app-1a2b.js', gzip)).status).toBe(304);
  expect((await ask('/assets/app-1a2b.js', { 'If-None-Match': tag })).status).toBe(200);
});

it('answers HEAD like GET, without a body', async () => {
  const response = await ask('/assets/app-1a2b.js', {}, 'HEAD');
  expect(response.headers.get('content-length')).toBe(String(script.length));
  expect((await response.arrayBuffer()).byteLength).toBe(0);
});

it.each(['/assets/app-1a2b.js.gz', '/assets/', '/', '/assets/%61pp-1a2b.js', '/assets/../mark.svg/..'])(
  'doesn’t serve %s',
  async (path) => {
    expect((await ask(path)).status).toBe(404);
  },
);
