import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** What an upstream does with a connection, byte by byte: no HTTP server would do such things. */
type Behave = (socket: Socket) => unknown;

/** What the client must see. */
export type Seen =
  /** This status. */
  | number
  /** A response that began and was aborted: it never looks complete. */
  | 'broken'
  /** A response that began and doesn't end until the client disconnects. */
  | 'open';

export interface BrokenUpstream {
  name: string;
  /** Null: nothing listens on the port. */
  behave: Behave | null;
  seen: Seen;
  /** The complete response body. */
  text?: string;
}

const send = (socket: Socket, ...lines: string[]) => socket.write(`${lines.join('\r\n')}\r\n`, 'latin1');

/** Responds to each request on the connection; request bodies, which consist of x only, are ignored. */
const onRequest =
  (respond: (socket: Socket) => unknown): Behave =>
  (socket) =>
    socket.on('data', (chunk) => {
      if (/^(GET|POST) /.test(chunk.toString('latin1', 0, 5))) respond(socket);
    });

/** Sends these lines, then does `end` 30 ms later. */
const responds = (lines: string[], end?: (socket: Socket) => unknown): Behave =>
  onRequest((socket) => {
    send(socket, ...lines);
    if (end !== undefined) setTimeout(() => end(socket), 30);
  });

/** Sends these lines and closes immediately. */
const closesAfter = (...lines: string[]): Behave =>
  onRequest((socket) => {
    send(socket, ...lines);
    socket.end();
  });

const sendEndlessHeaders = (socket: Socket) => {
  send(socket, ...HEAD);
  const more = () => {
    while (!socket.destroyed && socket.write(`X-Long: ${'y'.repeat(8_000)}\r\n`)) {}
  };
  socket.on('drain', more);
  more();
};

const rejectUnread = (socket: Socket) => {
  socket.once('data', () => {
    socket.pause();
    send(socket, 'HTTP/1.1 413 Too Large', 'Content-Length: 3', 'Connection: close', '', 'no');
    socket.end(() => setTimeout(() => socket.destroy(), 200));
  });
};

const reset = (socket: Socket) => socket.resetAndDestroy();
const close = (socket: Socket) => socket.end();

const HEAD = ['HTTP/1.1 200 OK', 'Content-Type: text/plain'];
const CHUNKED = 'Transfer-Encoding: chunked';
const BEGUN = [...HEAD, CHUNKED, '', '5', 'hello'];
const TWO = 'Content-Length: 2';
const HINTS = Array.from({ length: 50 }, () => ['HTTP/1.1 103 Early Hints', 'Link: </x>', '']).flat();
const TWICE = [...HEAD, 'Content-Length: 5', '', `first${HEAD[0]}`, 'Content-Length: 6', '', 'second'];

const table: [name: string, seen: Seen, behave: Behave | null, text?: string][] = [
  ['does not listen', 502, null],
  ['resets immediately', 502, reset],
  ['closes immediately', 502, close],
  ['resets after the request', 502, onRequest(reset)],
  ['closes after the request', 502, onRequest(close)],
  ['never responds', 504, () => undefined],
  ['stops in its status line', 504, onRequest((socket) => socket.write('HTTP/1.1 20'))],
  ['stops in its headers', 504, responds([...HEAD, 'X-Half: y'])],
  ['closes in its headers', 502, closesAfter(...HEAD)],
  ['sends random bytes', 502, onRequest((socket) => socket.write(Buffer.alloc(4_096, 0x91)))],
  ['speaks another protocol', 502, (socket) => socket.write('220 mail.example ESMTP\r\n')],
  ['sends headers without end', 502, onRequest(sendEndlessHeaders)],
  ['sends an invalid header', 502, responds([...HEAD, 'X-Bad: a\0b', TWO, '', 'ok'])],
  ['sends two lengths', 502, responds([...HEAD, TWO, 'Content-Length: 5', '', 'ok'])],
  ['sends a length and chunks', 502, responds([...HEAD, TWO, CHUNKED, '', '2', 'ok', '0', '', ''])],
  ['closes before its length is reached', 'broken', closesAfter(...HEAD, 'Content-Length: 100', '', 'part')],
  ['resets in its body', 'broken', responds(BEGUN, reset)],
  ['closes in its chunks', 'broken', closesAfter(...BEGUN)],
  ['sends a chunk without a size', 'broken', responds(BEGUN, (socket) => send(socket, 'zz', 'hello'))],
  ['stops in its body', 'open', responds(BEGUN)],
  ['answers before the body was read, and closes', 413, rejectUnread],
  // The second response must not reach any call.
  ['answers twice', 200, responds(TWICE), 'first'],
  ['ends its body with the connection', 200, closesAfter('HTTP/1.0 200 OK', '', 'the end'), 'the end\r\n'],
  [
    'sends many interim responses first',
    200,
    responds([...HINTS, ...HEAD, 'Content-Length: 4', '', 'ok']),
    'ok\r\n',
  ],
];

/** Everything an upstream can do wrong, and what the client must see. */
export const brokenUpstreams: BrokenUpstream[] = table.map(([name, seen, behave, text]) => ({
  name,
  seen,
  behave,
  text,
}));

export interface RunningUpstream {
  url: string;
  /** Connections that are open now. */
  open(): number;
}

/** Starts such an upstream on loopback. */
export async function serveBrokenUpstream(behave: Behave | null): Promise<RunningUpstream> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
    behave?.(socket);
    // A socket that doesn't read doesn't notice that the other side closes.
    if (!socket.isPaused()) socket.resume();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
  // A port that was open a moment ago and that nothing listens on now.
  if (behave === null) await close();
  else onTestFinished(close);
  return { url: `http://127.0.0.1:${port}`, open: () => sockets.size };
}
