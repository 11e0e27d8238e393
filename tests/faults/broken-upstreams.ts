import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** How an upstream behaves once a connection is there: in bytes, since no HTTP server would do such things. */
type Behave = (socket: Socket) => void;

/** What a client must see of it. */
export type Seen =
  /** This status. */
  | number
  /** An answer that began, and was broken off: never one that looks complete. */
  | 'broken'
  /** An answer that began and does not end, until the client goes. */
  | 'open';

export interface Misbehaviour {
  name: string;
  /** Null: nobody listens. */
  behave: Behave | null;
  seen: Seen;
  /** What a whole answer consists of. */
  text?: string;
}

const say = (socket: Socket, ...lines: string[]) => socket.write(`${lines.join('\r\n')}\r\n`, 'latin1');

/** Behaves so at each request on the connection; bodies, which are all x, are read and forgotten. */
const onRequest =
  (answer: (socket: Socket) => void): Behave =>
  (socket) =>
    socket.on('data', (chunk) => {
      if (/^(GET|POST) /.test(chunk.toString('latin1', 0, 5))) answer(socket);
    });

const HEAD = ['HTTP/1.1 200 OK', 'Content-Type: text/plain'];

/** Everything an upstream can do wrong, and what must come of it. */
export const misbehaviours: Misbehaviour[] = [
  { name: 'does not listen', behave: null, seen: 502 },
  { name: 'resets at once', behave: (socket) => socket.resetAndDestroy(), seen: 502 },
  { name: 'closes at once', behave: (socket) => socket.end(), seen: 502 },
  { name: 'resets after the request', behave: onRequest((socket) => socket.resetAndDestroy()), seen: 502 },
  { name: 'closes after the request', behave: onRequest((socket) => socket.end()), seen: 502 },
  { name: 'never says a word', behave: () => undefined, seen: 504 },
  {
    name: 'stops in its status line',
    behave: onRequest((socket) => void socket.write('HTTP/1.1 20')),
    seen: 504,
  },
  {
    name: 'stops in its headers',
    behave: onRequest((socket) => void say(socket, ...HEAD, 'X-Half: y')),
    seen: 504,
  },
  {
    name: 'closes in its headers',
    behave: onRequest((socket) => {
      say(socket, ...HEAD);
      socket.end();
    }),
    seen: 502,
  },
  {
    name: 'sends noise',
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
      say(socket, ...HEAD);
      const more = () => {
        while (!socket.destroyed && socket.write(`X-Long: ${'y'.repeat(8_000)}\r\n`)) {}
      };
      socket.on('drain', more);
      more();
    }),
    seen: 502,
  },
  {
    name: 'sends a header that is none',
    behave: onRequest((socket) => void say(socket, ...HEAD, 'X-Bad: a\0b', 'Content-Length: 2', '', 'ok')),
    seen: 502,
  },
  {
    name: 'gives two lengths',
    behave: onRequest(
      (socket) => void say(socket, ...HEAD, 'Content-Length: 2', 'Content-Length: 5', '', 'ok'),
    ),
    seen: 502,
  },
  {
    name: 'gives a length and chunks',
    behave: onRequest(
      (socket) =>
        void say(
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
      say(socket, ...HEAD, 'Content-Length: 100', '', 'only so much');
      socket.end();
    }),
    seen: 'broken',
  },
  {
    name: 'resets in its body',
    behave: onRequest((socket) => {
      say(socket, ...HEAD, 'Transfer-Encoding: chunked', '', '5', 'hello');
      setTimeout(() => socket.resetAndDestroy(), 30);
    }),
    seen: 'broken',
  },
  {
    name: 'closes in its chunks',
    behave: onRequest((socket) => {
      say(socket, ...HEAD, 'Transfer-Encoding: chunked', '', '5', 'hello');
      socket.end();
    }),
    seen: 'broken',
  },
  {
    name: 'sends a chunk of no size',
    behave: onRequest((socket) => {
      say(socket, ...HEAD, 'Transfer-Encoding: chunked', '', '5', 'hello');
      setTimeout(() => say(socket, 'zz', 'hello'), 30);
    }),
    seen: 'broken',
  },
  {
    name: 'falls silent in its body',
    behave: onRequest((socket) => void say(socket, ...HEAD, 'Transfer-Encoding: chunked', '', '5', 'hello')),
    seen: 'open',
  },
  {
    name: 'answers before the body was read, and closes',
    behave: (socket) => {
      socket.once('data', () => {
        socket.pause();
        say(socket, 'HTTP/1.1 413 Too Large', 'Content-Length: 3', 'Connection: close', '', 'no');
        socket.end(() => setTimeout(() => socket.destroy(), 200));
      });
    },
    seen: 413,
  },
  {
    name: 'answers twice',
    behave: onRequest(
      (socket) =>
        void say(
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
    text: 'first', // and never the second, in nobody's call
  },
  {
    name: 'ends its body with the connection',
    behave: onRequest((socket) => {
      say(socket, 'HTTP/1.0 200 OK', '', 'until the end');
      socket.end();
    }),
    seen: 200,
    text: 'until the end\r\n',
  },
  {
    name: 'sends many interim answers first',
    behave: onRequest((socket) => {
      for (let index = 0; index < 50; index++) say(socket, 'HTTP/1.1 103 Early Hints', 'Link: </x>', '');
      say(socket, ...HEAD, 'Content-Length: 4', '', 'ok');
    }),
    seen: 200,
    text: 'ok\r\n',
  },
];

export interface BadUpstream {
  url: string;
  /** Connections that are open now. */
  open(): number;
}

/** Listens on loopback and behaves so. */
export async function serveMisbehaviour(behave: Behave | null): Promise<BadUpstream> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
    behave?.(socket);
    // One that does not read would not see the other side go, either.
    if (!socket.isPaused()) socket.resume();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
  // Its port was somebody's a moment ago, and is nobody's now.
  if (behave === null) await close();
  else onTestFinished(close);
  return { url: `http://127.0.0.1:${port}`, open: () => sockets.size };
}
