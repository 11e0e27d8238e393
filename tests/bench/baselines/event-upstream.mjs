// An upstream in a process of its own that streams and swallows.
//
//   /events?count=&everyMs=   that many events, each with the moment it was sent, in nanoseconds of the clock that
//                             all processes of the machine share
//   /fountain?bytes=          that many bytes
//   /sink                     takes a body and says how long it was
import { createServer } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const BLOCK = Buffer.alloc(64 * 1024, 'x');

/** @typedef {import('node:http').ServerResponse} ServerResponse */

const server = createServer(async (request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://upstream');
  const number = (/** @type {string} */ name) => Number(searchParams.get(name));
  if (pathname === '/sink') {
    let bytes = 0;
    for await (const chunk of request) bytes += chunk.length;
    response.end(JSON.stringify({ bytes }));
    return;
  }
  request.resume();
  if (pathname === '/events') await sendEvents(response, number('count'), number('everyMs'));
  else await sendBytes(response, number('bytes'));
});

/** @param {ServerResponse} response @param {number} count @param {number} everyMs */
async function sendEvents(response, count, everyMs) {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.flushHeaders();
  // Streams begin together; their events must not come together too.
  await sleep(Math.random() * everyMs);
  for (let sent = 0; sent < count && !response.destroyed; sent++) {
    response.write(`data: ${process.hrtime.bigint()}\n\n`);
    if (sent < count - 1) await sleep(everyMs);
  }
  response.end();
}

/** @param {ServerResponse} response @param {number} bytes */
async function sendBytes(response, bytes) {
  response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': String(bytes) });
  await pipeline(blocks(bytes), response).catch(() => undefined);
}

/** @param {number} bytes */
function* blocks(bytes) {
  for (let left = bytes; left > 0; left -= BLOCK.length)
    yield left < BLOCK.length ? BLOCK.subarray(0, left) : BLOCK;
}

server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => {
  console.log(JSON.stringify(server.address()));
});
