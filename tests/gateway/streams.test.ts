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
import { exchange, serveBytes, serveGateway, serveTool, serveUpstream, signal } from './harness';

let app: App;
let key: IssuedKey;
let url: string;
let upstream: string;

/** How the upstream handles a request. */
let handle: (request: IncomingMessage, response: ServerResponse) => void;

/** Adds a tool with this upstream and concurrency limit per key, and a key. */
async function connect(upstreamUrl: string, limit: number | null = null) {
  ({ key, url } = await serveTool(app, { upstreamUrl, maxConcurrentPerKey: limit }));
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

/** Reads a body and returns how it ended. */
const endOf = (message: IncomingMessage): Promise<'whole' | 'broken'> =>
  buffer(message).then(
    () => 'whole' as const,
    () => 'broken' as const,
  );

describe('a response', () => {
  beforeEach(() => connect(upstream));

  test('reaches the client before the upstream has sent any of its body', async () => {
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

  test('is forwarded event by event', async () => {
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

  test('is paused at the upstream while the client doesn’t read', async () => {
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
    expect(before).toBeLessThan(total / 2); // only what fits into the sockets' buffers
    let received = 0;
    for await (const chunk of answer) received += chunk.length;
    expect(received).toBe(total);
  });

  test('of 100 MiB is forwarded completely', async () => {
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

  test('is forwarded chunk by chunk, with the response in parallel', async () => {
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

  test('is paused at the client while the upstream doesn’t read', async () => {
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

  test('of 100 MiB is forwarded completely', async () => {
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

describe('when the client disconnects, the upstream call is aborted', () => {
  type OnRequest = (request: IncomingMessage, response: ServerResponse, ready: () => void) => unknown;
  const fill: OnRequest = (_, response, ready) => {
    while (response.write(Buffer.alloc(64 * 1024)));
    ready();
    response.once('drain', () => fill(_, response, ready));
  };

  test.each<[name: string, onRequest: OnRequest, send: () => ClientRequest, responds?: boolean]>([
    ['before its first byte', (_, __, ready) => ready(), () => open().end()],
    [
      'before its first byte, after a complete body',
      async (request, _, ready) => {
        await buffer(request);
        ready();
      },
      () => open({ method: 'POST' }).end('{"body":true}'),
    ],
    [
      'in the middle of the request body',
      (request, _, ready) => request.on('data', ready),
      () => {
        const request = open({ method: 'POST', headers: { 'content-length': 1_000_000 } });
        request.write('some');
        return request;
      },
    ],
    [
      'in the middle of a stream',
      (_, response, ready) => response.write('data: 1\n\n', () => ready()),
      () => open().end(),
      true,
    ],
    ['while the client doesn’t read', fill, () => open().end(), true],
  ])('%s', async (_, onRequest, send, responds = false) => {
    await connect(upstream, 1);
    const [ready, ended] = [signal(), signal()];
    handle = (request, response) => {
      request.on('error', () => undefined);
      response.once('close', () => ended.fire());
      void onRequest(request, response, ready.fire);
    };
    const request = send().on('error', () => undefined);
    if (responds) (await answerTo(request)).on('error', () => undefined).pause();
    await ready.promise;
    request.destroy();
    await ended.promise;
    // With a limit of one call, the next call proves that the first has ended.
    handle = (_, response) => response.end('next');
    await expect.poll(async () => (await answerTo(open().end())).statusCode).toBe(200);
  });
});

describe('when the upstream breaks', () => {
  const head = (lines: string) => `HTTP/1.1 200 OK\r\n${lines}\r\n\r\n`;
  const CHUNKED = head('Transfer-Encoding: chunked');

  /** Connects to an upstream that reacts to every request, with a limit of one call. */
  async function against(react: (write: (bytes: string) => void, socket: Socket) => void) {
    const origin = await serveBytes((socket) => {
      socket.once('data', () => react((bytes) => socket.write(bytes, 'latin1'), socket));
    });
    await connect(origin, 1);
  }

  /** Connects to an upstream that starts its response with these bytes. Returns its latest connection. */
  async function beginning(bytes: string): Promise<() => Socket | undefined> {
    let newest: Socket | undefined;
    await against((write, socket) => {
      newest = socket;
      write(bytes);
    });
    return () => newest;
  }

  test.each([
    ['resets a chunked response', CHUNKED, '5\r\nhello\r\n', 'reset'],
    ['ends a chunked response without its last chunk', CHUNKED, '5\r\nhello\r\n', 'end'],
    ['resets a response with a length', head('Content-Length: 10'), 'hello', 'reset'],
    ['ends a response with a length too soon', head('Content-Length: 10'), 'hello', 'end'],
    ['resets a response that ends with its connection', head('Connection: close'), 'hello', 'reset'],
    ['sends an invalid chunk', CHUNKED, '5\r\nhello\r\n', 'garbage'],
  ])('and %s, the client’s connection breaks, too', async (_, start, body, then) => {
    const upstreamSocket = await beginning(start + body);
    for (const sent of ['', 'small', 'x'.repeat(200_000)]) {
      const request = open({ method: 'POST', headers: { 'content-length': sent.length } }).end(sent);
      const answer = await answerTo(request);
      expect(answer.statusCode).toBe(200);
      const end = endOf(answer);
      // Only now, otherwise it could overtake the start of the response.
      if (then === 'reset') upstreamSocket()?.resetAndDestroy();
      if (then === 'end') upstreamSocket()?.end();
      if (then === 'garbage') upstreamSocket()?.write('NONSENSE\r\n');
      expect(await end).toBe('broken');
    }
  });

  test('an HTTP/1.0 client sees a reset rather than the end of the response', async () => {
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
    ['closes immediately', '', 'end'],
    ['resets immediately', '', 'reset'],
    ['uses another protocol', 'SSH-2.0-OpenSSH_9.2\r\n', 'stay'],
    ['sends half a head and closes', 'HTTP/1.1 200 OK\r\nContent-Le', 'end'],
    [
      'sends headers that are too long',
      `HTTP/1.1 200 OK\r\n${`x-filler: ${'x'.repeat(1_000)}\r\n`.repeat(100)}\r\n`,
      'stay',
    ],
    [
      'upgrades without a request',
      'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n',
      'stay',
    ],
    ['sends two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc', 'stay'],
    [
      'sends a length and chunks',
      'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      'stay',
    ],
  ])('before its response (%s), the client gets 502', async (_, bytes, then) => {
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
  });

  test('with a second response on one connection, that is dropped', async () => {
    await against((write) => write(`${head('Content-Length: 2')}ok${head('Content-Length: 4')}evil`));
    for (let round = 0; round < 3; round++) {
      const answer = await answerTo(open().end());
      expect((await buffer(answer)).toString()).toBe('ok');
    }
  });
});

describe('an upstream that pauses', () => {
  test('in the middle of its response is not timed out', async () => {
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

  test('before its response gets 504 after the tool’s headers timeout', async () => {
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

describe('an old client', () => {
  beforeEach(() => connect(upstream));

  test('with HTTP/1.0 gets the response unchunked', async () => {
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

  test('that pipelines requests gets the responses in order', async () => {
    handle = (request, response) => response.end(`<${request.url}>`);
    const { pathname, origin } = new URL(url);
    const ask = (path: string, more = '') =>
      `GET ${pathname}/${path} HTTP/1.1\r\nHost: x\r\n${more}Authorization: Bearer ${key.rawKey}\r\n\r\n`;
    const answer = await exchange(origin, ask('a') + ask('b') + ask('c', 'Connection: close\r\n'));
    expect(answer.match(/<[^>]*>/g)).toEqual(['</x/a>', '</x/b>', '</x/c>']);
  });
});
