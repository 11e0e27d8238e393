import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** What an upstream does with a connection, byte by byte: no HTTP server would do such things. */
type Behave = (socket: Socket) => void;

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
  (answer: (socket: Socket) => void): Behave =>
  (socket) =>
    socket.on('data', (chunk) => {
      if (/^(GET|POST) /.test(chunk.toString('latin1', 0, 5))) answer(socket);
    });

const HEAD = ['HTTP/1.1 200 OK', 'Content-Type: text/plain'];

/** Everything an upstream can do wrong, and what the client must see. */
export const brokenUpstreams: BrokenUpstream[] = [
  { name: 'does not listen', behave: null, seen: 502 },
  { name: 'resets immediately', behave: (socket) => socket.resetAndDestroy(), seen: 502 },
  { name: 'closes immediately', behave: (socket) => socket.end(), seen: 502 },
  { name: 'resets after the request', behave: onRequest((socket) => socket.resetAndDestroy()), seen: 502 },
  { name: 'closes after the request', behave: onRequest((socket) => socket.end()), seen: 502 },
  { name: 'never responds', behave: () => undefined, seen: 504 },
  {
    name: 'stops in its status line',
    behave: onRequest((socket) => void socket.write('HTTP/1.1 20')),
    seen: 504,
  },
  {
    name: 'stops in its headers',
    behave: onRequest((socket) => void send(socket, ...HEAD, 'X-Half: y')),
    seen: 504,
  },
  {
    name: 'closes in its headers',
    behave: onRequest((socket) => {
      send(socket, ...HEAD);
      socket.end();
    }),
    seen: 502,
  },
  {
    name: 'sends random bytes',
    behave: onRequest((socket) => void socket.write(Buffer.alloc(4_096, 0x91))),
    seen: 502,
  },
  {
    name: 'speaks another protocol',
    behave: (socket) => void socket.write('220 mail.example ESMTP\r\n'),
    seen: 502,
  },
  {
    name: 'sends headers without end',
    behave: onRequest((socket) => {
      send(socket, ...HEAD);
      const more = () => {
        while (!socket.destroyed && socket.write(`X-Long: ${'y'.repeat(8_000)}\r\n`)) {}
      };
      socket.on('drain', more);
      more();
    }),
    seen: 502,
  },
  {
    name: 'sends an invalid header',
    behave: onRequest((socket) => void send(socket, ...HEAD, 'X-Bad: a\0b', 'Content-Length: 2', '', 'ok')),
    seen: 502,
  },
  {
    name: 'sends two lengths',
    behave: onRequest(
      (socket) => void send(socket, ...HEAD, 'Content-Length: 2', 'Content-Length: 5', '', 'ok'),
    ),
    seen: 502,
  },
  {
    name: 'sends a length and chunks',
    behave: onRequest(
      (socket) =>
        void send(
          socket,
          ...HEAD,
          'Content-Length: 2',
          'Transfer-Encoding: chunked',
          '',
          '2',
          'ok',
          '0',
          '',
          '',
        ),
    ),
    seen: 502,
  },
  {
    name: 'closes before its length is reached',
    behave: onRequest((socket) => {
      send(socket, ...HEAD, 'Content-Length: 100', '', 'only so much');
      socket.end();
    }),
    seen: 'broken',
  },
  {
    name: 'resets in its body',
    behave: onRequest((socket) => {
      send(socket, ...HEAD, 'Transfer-Encoding: chunked', '', '5', 'hello');
      setTimeout(() => socket.resetAndDestroy(), 30);
    }),
    seen: 'broken',
  },
  {
    name: 'closes in its chunks',
    behave: onRequest((socket) => {
      send(socket, ...HEAD, 'Transfer-Encoding: chunked', '', '5', 'hello');
      socket.end();
    }),
    seen: 'broken',
  },
  {
    name: 'sends a chunk without a size',
    behave: onRequest((socket) => {
      send(socket, ...HEAD, 'Transfer-Encoding: chunked', '', '5', 'hello');
      setTimeout(() => send(socket, 'zz', 'hello'), 30);
    }),
    seen: 'broken',
  },
  {
    name: 'stops in its body',
    behave: onRequest((socket) => void send(socket, ...HEAD, 'Transfer-Encoding: chunked', '', '5', 'hello')),
    seen: 'open',
  },
  {
    name: 'answers before the body was read, and closes',
    behave: (socket) => {
      socket.once('data', () => {
        socket.pause();
        send(socket, 'HTTP/1.1 413 Too Large', 'Content-Length: 3', 'Connection: close', '', 'no');
        socket.end(() => setTimeout(() => socket.destroy(), 200));
      });
    },
    seen: 413,
  },
  {
    name: 'answers twice',
    behave: onRequest(
      (socket) =>
        void send(
          socket,
          ...HEAD,
          'Content-Length: 5',
          '',
          'firstHTTP/1.1 200 OK',
          'Content-Length: 6',
          '',
          'second',
        ),
    ),
    seen: 200,
    text: 'first', // the second must not reach any call
  },
  {
    name: 'ends its body with the connection',
    behave: onRequest((socket) => {
      send(socket, 'HTTP/1.0 200 OK', '', 'until the end');
      socket.end();
    }),
    seen: 200,
    text: 'until the end\r\n',
  },
  {
    name: 'sends many interim responses first',
    behave: onRequest((socket) => {
      for (let index = 0; index < 50; index++) send(socket, 'HTTP/1.1 103 Early Hints', 'Link: </x>', '');
      send(socket, ...HEAD, 'Content-Length: 4', '', 'ok');
    }),
    seen: 200,
    text: 'ok\r\n',
  },
];

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
