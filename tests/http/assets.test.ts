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

/** Asks the handler on a server of its own, whose every other answer is 404. */
async function ask(path: string, headers: Record<string, string> = {}, method = 'GET') {
  const assets = createAssets(files);
  const origin = await listen(
    createServer((request, response) => assets(request, response, () => response.writeHead(404).end())),
  );
  // `identity`, where the test does not say otherwise: fetch would ask for every coding and undo it.
  return await fetch(origin + path, { method, headers: { 'Accept-Encoding': 'identity', ...headers } });
}

it('sends a file with its type and length, and has browsers keep one whose name has its hash', async () => {
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
])('answers Accept-Encoding %j with the form %j', async (accepted, coding) => {
  const response = await ask('/assets/app-1a2b.js', { 'Accept-Encoding': accepted });
  expect(response.headers.get('content-encoding')).toBe(coding);
  expect(Buffer.from(await response.arrayBuffer()).equals(script)).toBe(true);
});

it('says that nothing has changed to whom has the very form already', async () => {
  const first = await ask('/assets/app-1a2b.js', { 'Accept-Encoding': 'gzip' });
  const tag = first.headers.get('etag') ?? '';
  const gzip = { 'Accept-Encoding': 'gzip', 'If-None-Match': tag };
  expect((await ask('/assets/app-1a2b.js', gzip)).status).toBe(304);
  expect((await ask('/assets/app-1a2b.js', { 'If-None-Match': tag })).status).toBe(200);
});

it('answers HEAD as GET, without the body', async () => {
  const response = await ask('/assets/app-1a2b.js', {}, 'HEAD');
  expect(response.headers.get('content-length')).toBe(String(script.length));
  expect((await response.arrayBuffer()).byteLength).toBe(0);
});

it.each(['/assets/app-1a2b.js.gz', '/assets/', '/', '/assets/%61pp-1a2b.js', '/assets/../mark.svg/..'])(
  'has nothing at %s',
  async (path) => {
    expect((await ask(path)).status).toBe(404);
  },
);
