import { createHash } from 'node:crypto';
import {
  type ClientRequest,
  request as httpRequest,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import { connect as connectTcp, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { beforeEach, describe, expect, test } from 'vitest';
import type { App } from '~/server/create-app.server';
import { testApp } from '../helpers/app';
import { addKey, addTool, type IssuedKey } from '../helpers/factories';
import { exchange, serveBytes, serveGateway, serveUpstream, signal } from './harness';

let app: App;
let key: IssuedKey;
let url: string;
let upstream: string;

/** What the stand-in does with its one request. */
let handle: (request: IncomingMessage, response: ServerResponse) => void;

/** Lets the one key call a tool with this upstream, and only `limit` times at once. */
async function connect(upstreamUrl: string, limit: number | null = null) {
  const tool = await addTool(app, {
    slug: 'acme',
    needsCredential: false,
    upstreamUrl,
    maxConcurrentPerKey: limit,
  });
  key = await addKey(app, tool.id);
  const { origin } = await serveGateway(app);
  url = `${origin}/gateway/acme/x`;
}

beforeEach(async () => {
  app = await testApp();
  upstream = await serveUpstream((request, response) => handle(request, response));
});

function open(options: { method?: string; headers?: Record<string, string | number> } = {}): ClientRequest {
  const headers = { authorization: `Bearer ${key.rawKey}`, ...options.headers };
  return httpRequest(url, { method: options.method ?? 'GET', agent: false, headers });
}

const answerTo = (request: ClientRequest): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => request.once('response', resolve).once('error', reject));

/** How the reading of a body ended. */
const endOf = (message: IncomingMessage): Promise<'whole' | 'broken'> =>
  buffer(message).then(
    () => 'whole' as const,
    () => 'broken' as const,
  );

describe('an answer', () => {
  beforeEach(() => connect(upstream));

  test('begins at the client before the upstream has sent any of its body', async () => {
    const seen = signal();
    handle = async (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
      await seen.promise;
      response.end('data: late\n\n');
    };
    const request = open().end();
    const answer = await answerTo(request);
    expect(answer.headers['x-accel-buffering']).toBe('no');
    seen.fire();
    expect((await buffer(answer)).toString()).toBe('data: late\n\n');
  });

  test('arrives event by event: each before the upstream has sent the next', async () => {
    let next = signal();
    handle = async (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (let index = 0; index < 5; index++) {
        next = signal();
        response.write(`data: ${index}\n\n`);
        await next.promise;
      }
      response.end();
    };
    const answer = await answerTo(open().end());
    const events: string[] = [];
    for await (const event of answer.setEncoding('utf8')) {
      events.push(event);
      next.fire();
    }
    expect(events).toEqual([0, 1, 2, 3, 4].map((index) => `data: ${index}\n\n`));
  });

  test('waits at the upstream while the client does not read, and arrives whole when it does', async () => {
    const piece = Buffer.alloc(64 * 1024, 'x');
    const total = 64 * 1024 * 1024;
    let sent = 0;
    const stalled = signal();
    handle = (_, response) => {
      response.writeHead(200, { 'content-length': total });
      const write = () => {
        while (sent < total) {
          sent += piece.length;
          if (!response.write(piece)) {
            response.once('drain', write);
            setTimeout(() => stalled.fire(), 300);
            return;
          }
        }
        response.end();
      };
      write();
    };
    const answer = await answerTo(open().end());
    answer.pause();
    await stalled.promise;
    const before = sent;
    expect(before).toBeLessThan(total / 2); // what fits in the sockets' buffers on the way, and no more
    let received = 0;
    for await (const chunk of answer) received += chunk.length;
    expect(received).toBe(total);
  });

  test('of 100 MiB arrives with every byte', async () => {
    handle = (_, response) => Readable.from(pieces()).pipe(response.writeHead(200, {}));
    const hash = createHash('sha256');
    for await (const chunk of await answerTo(open().end())) hash.update(chunk);
    expect(hash.digest('hex')).toBe(await hashOfPieces());
  }, 60_000);
});

describe('a request', () => {
  beforeEach(() => connect(upstream));

  test('reaches the upstream before the client has sent any of its body', async () => {
    const seen = signal();
    handle = async (request, response) => {
      seen.fire();
      await buffer(request);
      response.end('read');
    };
    const request = open({ method: 'POST', headers: { 'content-length': 4 } });
    request.flushHeaders();
    await seen.promise;
    request.end('body');
    expect((await buffer(await answerTo(request))).toString()).toBe('read');
  });

  test('arrives piece by piece, answered while it is still being sent', async () => {
    handle = (request, response) => request.pipe(response);
    const request = open({ method: 'POST', headers: { 'transfer-encoding': 'chunked' } });
    request.write('one');
    const answer = await answerTo(request);
    const pieces = answer[Symbol.asyncIterator]();
    expect(String((await pieces.next()).value)).toBe('one');
    request.write('two');
    expect(String((await pieces.next()).value)).toBe('two');
    request.end('three');
    expect(String((await pieces.next()).value)).toBe('three');
    expect((await pieces.next()).done).toBe(true);
  });

  test('waits at the client while the upstream does not read', async () => {
    const total = 64 * 1024 * 1024;
    const arrived = signal<IncomingMessage>();
    handle = (request, response) => {
      arrived.fire(request);
      request.once('end', () => response.end('read'));
    };
    const request = open({ method: 'POST', headers: { 'content-length': total } });
    const piece = Buffer.alloc(64 * 1024);
    let sent = 0;
    const stalled = signal();
    const write = () => {
      while (sent < total) {
        sent += piece.length;
        if (!request.write(piece)) {
          request.once('drain', write);
          setTimeout(() => stalled.fire(), 300);
          return;
        }
      }
      request.end();
    };
    write();
    const received = await arrived.promise;
    await stalled.promise;
    expect(sent).toBeLessThan(total / 2);
    received.resume();
    expect((await buffer(await answerTo(request))).toString()).toBe('read');
  });

  test('of 100 MiB arrives with every byte', async () => {
    const hashed = signal<string>();
    handle = async (request, response) => {
      const hash = createHash('sha256');
      for await (const chunk of request) hash.update(chunk);
      hashed.fire(hash.digest('hex'));
      response.end();
    };
    const request = open({ method: 'PUT' });
    Readable.from(pieces()).pipe(request);
    expect(await hashed.promise).toBe(await hashOfPieces());
    expect((await answerTo(request)).statusCode).toBe(200);
  }, 60_000);
});

function* pieces() {
  for (let index = 0; index < 1_600; index++) yield Buffer.alloc(64 * 1024, `piece ${index}, `);
}

async function hashOfPieces() {
  const hash = createHash('sha256');
  for (const piece of pieces()) hash.update(piece);
  return hash.digest('hex');
}

describe('when the client goes away, the upstream call is ended', () => {
  // With room for one call only, the next one proves that the first has left.
  beforeEach(() => connect(upstream, 1));

  async function expectRoom() {
    handle = (_, response) => response.end('next');
    await expect.poll(async () => (await answerTo(open().end())).statusCode).toBe(200);
  }

  test('before its first byte', async () => {
    const asked = signal();
    const ended = signal();
    handle = (_, response) => {
      response.once('close', () => ended.fire());
      asked.fire();
    };
    const request = open().end();
    request.on('error', () => undefined);
    await asked.promise;
    request.destroy();
    await ended.promise;
    await expectRoom();
  });

  test('before its first byte, when the request had a body that was read long ago', async () => {
    const asked = signal();
    const ended = signal();
    handle = async (request, response) => {
      response.once('close', () => ended.fire());
      await buffer(request);
      asked.fire();
    };
    const request = open({ method: 'POST' }).end('{"body":true}');
    request.on('error', () => undefined);
    await asked.promise;
    request.destroy();
    await ended.promise;
    await expectRoom();
  });

  test('in the middle of a stream', async () => {
    const ended = signal();
    handle = (_, response) => {
      response.once('close', () => ended.fire());
      response.write('data: 1\n\n');
    };
    const request = open().end();
    const answer = await answerTo(request);
    answer.once('data', () => request.destroy());
    answer.on('error', () => undefined);
    await ended.promise;
    await expectRoom();
  });

  test('in the middle of its own body', async () => {
    const asked = signal();
    const ended = signal();
    handle = (request) => {
      request.on('data', () => asked.fire()).on('error', () => undefined);
      request.once('close', () => ended.fire());
    };
    const request = open({ method: 'POST', headers: { 'content-length': 1_000_000 } });
    request.on('error', () => undefined);
    request.write('some');
    await asked.promise;
    request.destroy();
    await ended.promise;
    await expectRoom();
  });

  test('while the client does not read what it gets', async () => {
    const ended = signal();
    const full = signal();
    handle = (_, response) => {
      response.once('close', () => ended.fire());
      const write = () => {
        while (response.write(Buffer.alloc(64 * 1024)));
        full.fire();
        response.once('drain', write);
      };
      write();
    };
    const request = open().end();
    const answer = await answerTo(request);
    answer.pause();
    answer.on('error', () => undefined);
    await full.promise;
    request.destroy();
    await ended.promise;
    await expectRoom();
  });
});

describe('when the upstream breaks', () => {
  const head = (lines: string) => `HTTP/1.1 200 OK\r\n${lines}\r\n\r\n`;
  const CHUNKED = head('Transfer-Encoding: chunked');

  /** Upstreams that do this with every request, and room for one call only. */
  async function against(react: (write: (bytes: string) => void, socket: Socket) => void) {
    const origin = await serveBytes((socket) => {
      socket.once('data', () => react((bytes) => socket.write(bytes, 'latin1'), socket));
    });
    await connect(origin, 1);
  }

  /** Upstreams that begin an answer with these bytes; answers their side of the newest connection. */
  async function beginning(bytes: string): Promise<() => Socket | undefined> {
    let newest: Socket | undefined;
    await against((write, socket) => {
      newest = socket;
      write(bytes);
    });
    return () => newest;
  }

  test.each([
    ['resets a chunked answer', CHUNKED, '5\r\nhello\r\n', 'reset'],
    ['ends a chunked answer without its last chunk', CHUNKED, '5\r\nhello\r\n', 'end'],
    ['resets a sized answer', head('Content-Length: 10'), 'hello', 'reset'],
    ['ends a sized answer too soon', head('Content-Length: 10'), 'hello', 'end'],
    ['resets an answer that ends with its connection', head('Connection: close'), 'hello', 'reset'],
    ['sends garbage for a chunk', CHUNKED, '5\r\nhello\r\n', 'garbage'],
  ])('and %s, the client’s connection breaks too', async (_, start, body, then) => {
    const upstreamSocket = await beginning(start + body);
    for (const sent of ['', 'small', 'x'.repeat(200_000)]) {
      const request = open({ method: 'POST', headers: { 'content-length': sent.length } }).end(sent);
      const answer = await answerTo(request);
      expect(answer.statusCode).toBe(200);
      const end = endOf(answer);
      // Only now: it could overtake the beginning.
      if (then === 'reset') upstreamSocket()?.resetAndDestroy();
      if (then === 'end') upstreamSocket()?.end();
      if (then === 'garbage') upstreamSocket()?.write('NONSENSE\r\n');
      expect(await end).toBe('broken');
    }
  });

  test('an HTTP/1.0 client, which knows no chunks, sees a reset and not an end', async () => {
    const upstreamSocket = await beginning(`${CHUNKED}5\r\nhello\r\n`);
    const { hostname, port, pathname } = new URL(url);
    const outcome = await new Promise<string>((resolve) => {
      const socket = connectTcp(Number(port), hostname);
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
      socket.once('end', () => resolve('end'));
      socket.once('data', () => upstreamSocket()?.resetAndDestroy());
      socket.write(`GET ${pathname} HTTP/1.0\r\nAuthorization: Bearer ${key.rawKey}\r\n\r\n`);
    });
    expect(outcome).toBe('ECONNRESET');
  });

  test.each([
    ['closes without a word', '', 'end'],
    ['resets without a word', '', 'reset'],
    ['speaks another protocol', 'SSH-2.0-OpenSSH_9.2\r\n', 'stay'],
    ['sends half a head and closes', 'HTTP/1.1 200 OK\r\nContent-Le', 'end'],
    [
      'sends headers without end',
      `HTTP/1.1 200 OK\r\n${`x-filler: ${'x'.repeat(1_000)}\r\n`.repeat(100)}\r\n`,
      'stay',
    ],
    [
      'upgrades unasked',
      'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n',
      'stay',
    ],
    ['sends two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc', 'stay'],
    [
      'sends a length and chunks',
      'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      'stay',
    ],
  ])(
    'before its answer began (%s), the client is told 502, and the next call has room',
    async (_, bytes, then) => {
      await against((write, socket) => {
        write(bytes);
        if (then === 'reset') socket.resetAndDestroy();
        if (then === 'end') socket.end();
      });
      for (const body of ['', 'small', 'x'.repeat(200_000)]) {
        const request = open({ method: 'POST', headers: { 'content-length': body.length } });
        const answer = await answerTo(request.end(body));
        expect(answer.statusCode).toBe(502);
        expect((await buffer(answer)).toString()).toContain('server_error');
      }
    },
  );

  test('answers twice on one connection, the second answer reaches nobody', async () => {
    await against((write) => write(`${head('Content-Length: 2')}ok${head('Content-Length: 4')}evil`));
    for (let round = 0; round < 3; round++) {
      const answer = await answerTo(open().end());
      expect((await buffer(answer)).toString()).toBe('ok');
    }
  });
});

describe('an upstream that stalls', () => {
  test('in the middle of its answer is waited for, since a model may think for long', async () => {
    await connect(upstream);
    const later = signal();
    handle = async (_, response) => {
      response.write('data: 1\n\n');
      await later.promise;
      response.end('data: 2\n\n');
    };
    const answer = await answerTo(open().end());
    setTimeout(() => later.fire(), 100);
    expect((await buffer(answer)).toString()).toBe('data: 1\n\ndata: 2\n\n');
  });

  test('before its answer is given up on after the tool’s own time, and told so', async () => {
    const closed = signal();
    handle = (_, response) => response.once('close', () => closed.fire());
    const tool = await addTool(app, {
      slug: 'slow',
      needsCredential: false,
      upstreamUrl: upstream,
      headersTimeoutMs: 50,
    });
    key = await addKey(app, tool.id);
    url = `${(await serveGateway(app)).origin}/gateway/slow`;
    for (const body of ['', 'small', 'x'.repeat(100_000)]) {
      const answer = await answerTo(
        open({ method: 'POST', headers: { 'content-length': body.length } }).end(body),
      );
      expect(answer.statusCode).toBe(504);
      answer.resume();
    }
    await closed.promise;
  });
});

describe('a client of old habits', () => {
  beforeEach(() => connect(upstream));

  test('of HTTP/1.0 gets the answer without chunks, whole', async () => {
    handle = (_, response) => {
      response.write('one ');
      response.end('two');
    };
    const { pathname, origin } = new URL(url);
    const answer = await exchange(
      origin,
      `GET ${pathname} HTTP/1.0\r\nAuthorization: Bearer ${key.rawKey}\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(answer.toLowerCase()).not.toContain('transfer-encoding');
    expect(answer.endsWith('\r\n\r\none two')).toBe(true);
  });

  test('that sends several requests at once gets the answers in order', async () => {
    handle = (request, response) => response.end(`<${request.url}>`);
    const { pathname, origin } = new URL(url);
    const ask = (path: string, more = '') =>
      `GET ${pathname}/${path} HTTP/1.1\r\nHost: x\r\n${more}Authorization: Bearer ${key.rawKey}\r\n\r\n`;
    const answer = await exchange(origin, ask('a') + ask('b') + ask('c', 'Connection: close\r\n'));
    expect(answer.match(/<[^>]*>/g)).toEqual(['</x/a>', '</x/b>', '</x/c>']);
  });
});
