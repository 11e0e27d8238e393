import { randomBytes } from 'node:crypto';
import {
  Agent,
  request as httpRequest,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type RequestListener,
} from 'node:http';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, test } from 'vitest';
import { testApp } from '../helpers/app';
import { addCredential, addKey, addTool, CREDENTIAL } from '../helpers/factories';
import { serveGateway, serveUpstream, words } from './harness';

/** A request to send. */
interface Ask {
  method?: string;
  path: string;
  headers?: OutgoingHttpHeaders | readonly string[];
  /** Chunks of the body, each written separately. */
  body?: Buffer[];
  trailers?: Record<string, string>;
  /** Send `Expect: 100-continue` and wait before sending the body. */
  expects?: boolean;
  keepAlive?: boolean;
  /** Wait for the response before sending the body. */
  holdsBack?: boolean;
}

/** Everything a client can see of a response. */
interface Answer {
  interim: { status: number; headers: string[] }[];
  status: number | undefined;
  reason: string | undefined;
  headers: [string, string][];
  chunked: boolean;
  body: string;
  trailers: string[];
}

/** Everything an upstream can see of a request, except for the connection. */
interface Seen {
  method: string | undefined;
  url: string | undefined;
  headers: [string, string][];
  body: string;
  trailers: string[];
}

const HOP = ['connection', 'keep-alive', 'transfer-encoding', 'host', 'te'];
const pairsOf = (raw: string[]): [string, string][] =>
  raw
    .flatMap((name, index) => (index % 2 === 0 ? [[name, raw[index + 1] ?? ''] as [string, string]] : []))
    .filter(([name]) => !HOP.includes(name.toLowerCase()));
const digest = (bytes: Buffer) => `${bytes.length} bytes: ${bytes.toString('base64').slice(0, 2_000)}`;

let seen: Seen[];
let direct: (ask: Ask) => Promise<Answer>;
let through: (ask: Ask) => Promise<Answer>;
let answer: RequestListener;
/** Respond without reading the body. */
let early: boolean;

beforeEach(async () => {
  seen = [];
  early = false;
  const upstream = await serveUpstream(async (request, response) => {
    response.sendDate = false;
    if (early) return answer(request, response);
    record(request, await buffer(request));
    answer(request, response);
  });
  const app = await testApp();
  const tool = await addTool(app, { slug: 'acme', upstreamUrl: upstream });
  await addCredential(app, tool.id);
  const { rawKey } = await addKey(app, tool.id);
  const { origin } = await serveGateway(app);
  direct = (ask) => send(upstream, '', CREDENTIAL, ask);
  through = (ask) => send(origin, '/gateway/acme', rawKey, ask);
});

function record({ method, url, rawHeaders, rawTrailers }: IncomingMessage, body: Buffer) {
  const headers = pairsOf(rawHeaders)
    .map(([name, value]): [string, string] => [name.toLowerCase(), value])
    .sort((a, b) => (a[0] < b[0] ? -1 : Number(a[0] > b[0])));
  seen.push({ method, url, headers, body: digest(body), trailers: rawTrailers });
}

function send(origin: string, base: string, key: string, ask: Ask): Promise<Answer> {
  const {
    method = 'GET',
    path,
    headers = {},
    body = [],
    trailers,
    expects = false,
    holdsBack = false,
    keepAlive = false,
  } = ask;
  return new Promise((resolve, reject) => {
    const list = Array.isArray(headers)
      ? [...headers, 'authorization', `Bearer ${key}`, 'host', 'x']
      : { ...headers, authorization: `Bearer ${key}`, ...(expects ? { expect: '100-continue' } : {}) };
    const request = httpRequest(origin + base + path, {
      method,
      headers: list,
      agent: keepAlive ? new Agent({ keepAlive: true }) : false,
    });
    const interim: Answer['interim'] = [];
    const sendBody = async () => {
      for (const piece of body) {
        if (!request.writable) return;
        request.write(piece);
        await new Promise(setImmediate);
      }
      if (trailers) request.addTrailers(trailers);
      request.end();
    };
    request.on('information', ({ statusCode, rawHeaders }) => {
      interim.push({ status: statusCode, headers: rawHeaders });
      if (statusCode === 100) void sendBody();
    });
    request.on('response', async (response) => {
      if (holdsBack) setImmediate(sendBody);
      try {
        const bytes = await buffer(response);
        resolve({
          interim,
          status: response.statusCode,
          reason: response.statusMessage,
          headers: pairsOf(response.rawHeaders),
          chunked: response.headers['transfer-encoding'] === 'chunked',
          body: digest(bytes),
          trailers: response.rawTrailers,
        });
        request.destroy();
      } catch (error) {
        reject(error);
      }
    });
    request.on('error', reject);
    if (holdsBack) request.flushHeaders();
    else if (!expects) void sendBody();
  });
}

/** Sends a request directly and through the gateway. Returns both responses and what the upstream saw of each request. */
async function both(ask: Ask, listener: RequestListener) {
  answer = listener;
  const answers = [await direct(ask), await through(ask)] as const;
  await expect.poll(() => seen.length).toBe(2);
  return { answers, seen: [seen[0], seen[1]] as const };
}

async function expectSame(ask: Ask, listener: RequestListener): Promise<Answer> {
  const { answers, seen: requests } = await both(ask, listener);
  expect(answers[1]).toEqual(answers[0]);
  expect(requests[1]).toEqual(requests[0]);
  return answers[0];
}

const plain: RequestListener = (_, response) =>
  response.writeHead(200, ['X-Case', 'Kept', 'content-length', '2']).end('ok');
const random = randomBytes(300_000);
const hello = { method: 'POST', path: '/', headers: { 'content-length': 5 }, body: [Buffer.from('hello')] };

describe('directly and through the gateway, client and upstream see the same', () => {
  test.each(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND', 'TRACE'])(
    'a bare %s',
    async (method) => {
      await expectSame(
        { method, path: '/v1/x', headers: method === 'POST' ? { 'content-length': 0 } : {} },
        plain,
      );
    },
  );

  test.each([
    '/v1/x?a=b&a=c&&empty=&%20=%zz&q=%C3%A9+&x[]=1;2/?',
    "/v1/a%20b/%C3%A9/meta%2Fllama/m:gen,$&'()*+;=@~!",
  ])('path and query %s', async (path) => {
    await expectSame({ path }, plain);
  });

  test('unknown, repeated, mixed-case and non-ASCII headers', async () => {
    const headers = words('X-Odd one anthropic-beta a x-odd two X-Latin caf\u00e9 User-Agent openai/1');
    const returned = words('X-Odd one Link <a> link <b> X-Latin caf\u00e9 Content-Length 0');
    await expectSame({ path: '/', headers }, (_, response) => response.writeHead(200, returned).end());
  });

  test.each([0, 1, 100, 16_384, 65_536, 65_537, 300_000])('body of %i bytes in one chunk', async (size) => {
    const body = [random.subarray(0, size)];
    await expectSame({ method: 'POST', path: '/', headers: { 'content-length': size }, body }, plain);
  });

  test('body with a length in many chunks', async () => {
    const body = Array.from({ length: 30 }, (_, index) =>
      random.subarray(index * 1_000, (index + 1) * 1_000),
    );
    await expectSame({ method: 'POST', path: '/', headers: { 'content-length': 30_000 }, body }, plain);
  });

  test.each(['POST', 'PUT', 'DELETE', 'GET'])('a body of %s, chunked and with a length', async (method) => {
    const body = [random.subarray(0, 10), random.subarray(10, 70_000)];
    for (const headers of [{ 'transfer-encoding': 'chunked' }, { 'content-length': 70_000 }]) {
      seen = [];
      await expectSame({ method, path: '/', headers, body }, plain);
    }
  });

  test('trailers of a request', async () => {
    const ask = {
      method: 'POST',
      path: '/',
      headers: { trailer: 'X-Sum', 'transfer-encoding': 'chunked' },
      body: [Buffer.from('hi')],
      trailers: { 'X-Sum': '42' },
    };
    await expectSame(ask, plain);
    expect(seen[1]?.trailers).toEqual(['X-Sum', '42']);
  });

  test('gzipped bodies in both directions', async () => {
    const packed = gzipSync(random.subarray(0, 5_000));
    const headers = {
      'content-encoding': 'gzip',
      'content-length': packed.length,
      'accept-encoding': 'gzip, br, zstd',
    };
    const got = await expectSame({ method: 'POST', path: '/', headers, body: [packed] }, (_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': packed.length }).end(packed);
    });
    expect(got.body).toBe(digest(packed));
  });

  test.each([
    ['chunked', [200, ['content-type', 'text/plain']]],
    ['sized', [200, ['content-length', '300000']]],
    ['of an error', [429, ['retry-after', '7', 'x-should-retry', 'true', 'content-length', '300000']]],
  ] as const)('a large answer, %s', async (_, [status, headers]) => {
    const got = await expectSame({ path: '/' }, (_request, response) =>
      response.writeHead(status, [...headers]).end(random),
    );
    expect(got.body).toBe(digest(random));
  });

  test('response in many chunks', async () => {
    await expectSame({ path: '/' }, async (_, response) => {
      response.writeHead(200, { 'content-type': 'application/octet-stream' });
      for (let index = 0; index < 50; index++) {
        response.write(random.subarray(index * 99, (index + 1) * 99));
        await new Promise(setImmediate);
      }
      response.end();
    });
  });

  test('trailers of an answer', async () => {
    const got = await expectSame({ path: '/' }, (_, response) => {
      response.writeHead(200, { Trailer: 'X-Sum, X-Two' });
      response.write('body');
      response.addTrailers([
        ['X-Sum', '1'],
        ['X-Two', 'b'],
      ]);
      response.end();
    });
    expect(got.trailers).toEqual(['X-Sum', '1', 'X-Two', 'b']);
  });

  test.each([
    200, 201, 202, 206, 300, 301, 302, 307, 308, 400, 401, 402, 403, 404, 409, 418, 422, 429, 500, 502, 503,
    504, 529, 599,
  ])('response %i with its own status text, headers and body', async (status) => {
    const got = await expectSame({ path: '/' }, (_, response) => {
      response
        .writeHead(status, 'Own Words', { location: 'https://elsewhere.example/x', 'content-length': 6 })
        .end('{"a"1}');
    });
    expect(got.status).toBe(status);
  });

  test.each([
    ['204', 'GET', 204, { etag: '"x"' }],
    ['304', 'GET', 304, { etag: '"x"' }],
    ['304 with a Content-Length', 'GET', 304, { 'content-length': '1234' }],
    ['response to HEAD with the Content-Length of GET', 'HEAD', 200, { 'content-length': '1234' }],
    ['empty response with a length', 'GET', 200, { 'content-length': '0' }],
    ['empty chunked response', 'GET', 200, { 'transfer-encoding': 'chunked' }],
  ])('%s', async (_, method, status, headers) => {
    await expectSame({ method, path: '/', headers: { 'if-none-match': '"x"' } }, (_request, response) =>
      response.writeHead(status, headers).end(),
    );
  });

  test('informational responses 102, 103 and an unknown one', async () => {
    const got = await expectSame({ path: '/' }, (_, response) => {
      response.writeEarlyHints({ link: ['</a.css>; rel=preload', '</b.js>; rel=preload'], 'x-hint': '1' });
      response.writeProcessing();
      response.socket?.write('HTTP/1.1 199 Own\r\nX-Own: 1\r\n\r\n');
      response.writeHead(200, { 'content-length': '2' }).end('ok');
    });
    expect(got.interim.map(({ status }) => status)).toEqual([103, 102, 199]);
  });
});

test('a client that sends Expect: 100-continue gets 100 Continue from the upstream', async () => {
  const got = await expectSame({ ...hello, expects: true }, plain);
  expect(got.interim.map(({ status }) => status)).toEqual([100]);
});

describe('a response sent before the body was read is forwarded completely', () => {
  const large = { method: 'POST', path: '/', headers: { 'content-length': 12_000_000 } };
  const pieces = Array.from({ length: 200 }, () => random.subarray(0, 60_000));

  beforeEach(() => {
    early = true;
  });

  test('when the client has sent none of it', async () => {
    answer = (_, response) => response.writeHead(413, { 'content-length': '3' }).end('big');
    const ask = { ...hello, holdsBack: true };
    const got = await through(ask);
    expect(got).toEqual(await direct(ask));
    expect(got.status).toBe(413);
  });

  test('when the client is sending it', async () => {
    answer = (request, response) => {
      request.once('data', () => response.writeHead(413, { 'content-length': '3' }).end('big'));
    };
    const ask = { ...large, body: pieces, keepAlive: true };
    const got = await through(ask);
    expect(got).toEqual(await direct(ask));
    expect(got.status).toBe(413);
  });

  test('when the upstream then closes', async () => {
    answer = (request, response) => {
      request.once('data', () => {
        request.pause();
        response.writeHead(413, { 'content-length': '3', connection: 'close' }).end('big');
      });
    };
    expect(await through({ ...large, body: pieces })).toMatchObject({
      status: 413,
      body: digest(Buffer.from('big')),
    });
  });
});

test.each([
  ['cookies', 'Set-Cookie a=b X-Kept 1 set-cookie c=d Content-Length 0'],
  ['headers named in Connection', 'X-Hop 1 Connection x-hop X-Kept 1 Content-Length 0'],
])('the upstream’s %s are not forwarded', async (_, headers) => {
  const { answers } = await both({ path: '/' }, (_request, response) =>
    response.writeHead(200, words(headers)).end(),
  );
  expect(answers[1].headers).toEqual([
    ['X-Kept', '1'],
    ['Content-Length', '0'],
  ]);
});
