import { eq } from 'drizzle-orm';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { App } from '~/server/create-app.server';
import { tools } from '~db/schema';
import { testApp } from '../helpers/app';
import { addCredential, CREDENTIAL, type IssuedKey } from '../helpers/factories';
import { exchange, serveBytes, serveTool } from './harness';

let app: App;
let key: IssuedKey;
let origin: string;
let toolId: string;
/** The bytes that the upstream received, and those of its response. */
let sent: string;
let answer: string;

beforeEach(async () => {
  app = await testApp();
  sent = '';
  const upstreamUrl = await serveBytes((socket) => {
    let received = '';
    socket.setEncoding('latin1');
    socket.on('data', (text) => {
      received += text;
      const end = received.indexOf('\r\n\r\n');
      const rest = received.slice(end + 4);
      if (end === -1 || !(rest === 'hello' || /0\r\n(.+\r\n)*\r\n$/.test(rest))) return;
      sent = received;
      socket.end(answer, 'latin1');
    });
  });
  ({ toolId, key, origin } = await serveTool(app, { upstreamUrl }));
});

/** For both transports: a body in one chunk, and one that is streamed. */
const BODIES = [
  ['in one piece', 'Content-Length: 5\r\n\r\nhello'],
  ['streamed', 'Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n'],
] as const;

const ask = (rest: string, path = '/x') =>
  exchange(
    origin,
    `POST /gateway/acme${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nx-api-key: ${key.rawKey}\r\n${rest}`,
  );

const statusLine = (text: string) => text.slice(0, text.indexOf('\r\n'));

describe.each(BODIES)('with a request body %s', (_, rest) => {
  test.each([
    'HTTP/1.1 200 OK',
    'HTTP/1.1 200 ',
    'HTTP/1.1 200 Caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x91\x8b',
    'HTTP/1.1 299 Own',
    'HTTP/1.1 999 Odd',
  ])('the status line %j is forwarded unchanged', async (line) => {
    answer = `${line}\r\nContent-Length: 2\r\n\r\nok`;
    const received = await ask(rest);
    expect(statusLine(received)).toBe(line);
    expect(received.endsWith('\r\n\r\nok')).toBe(true);
  });

  test.each([
    'HTTP/1.1 000 Zero',
    'HTTP/1.1 099 Low',
    'HTTP/1.1 42 Short',
    'HTTP/1.1 1000 Long',
    'HTTP/1.1 -1 Minus',
    'HTTP/3 200 OK',
  ])('the invalid status line %j is a 502', async (line) => {
    answer = `${line}\r\nContent-Length: 2\r\n\r\nok`;
    expect(statusLine(await ask(rest))).toBe('HTTP/1.1 502 Bad Gateway');
  });

  test('non-ASCII response headers are forwarded unchanged', async () => {
    answer = 'HTTP/1.1 200 OK\r\nX-Raw: \xe8 \xc3\xa9 \x80\xff\r\nContent-Length: 0\r\n\r\n';
    expect(await ask(rest)).toContain('\r\nX-Raw: \xe8 \xc3\xa9 \x80\xff\r\n');
  });

  test.each(['/caf\xc3\xa9/\xe2\x82\xac?q=\xf0\x9f\x91\x8b', '/\xe8?\xff', '/a|b^c`{}"<>'])(
    'the unencoded path %j is forwarded unchanged or rejected',
    async (path) => {
      answer = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';
      const received = statusLine(await ask(rest, path));
      if (received === 'HTTP/1.1 200 OK') expect(statusLine(sent)).toBe(`POST ${path} HTTP/1.1`);
      else expect(received).toBe('HTTP/1.1 400 Bad Request');
    },
  );

  test('keys and cookies in trailers are not forwarded in either direction', async () => {
    answer =
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-End\r\n\r\n2\r\nok\r\n0\r\nX-End: 1\r\nSet-Cookie: a=b\r\n\r\n';
    const trailers = `\r\nTrailer: X-Mine\r\n\r\n5\r\nhello\r\n0\r\nX-Mine: 1\r\nAuthorization: Bearer ${key.rawKey}\r\nCookie: c=d\r\n\r\n`;
    const received = await ask(rest.startsWith('Transfer') ? `Transfer-Encoding: chunked${trailers}` : rest);
    expect(received).toContain('X-End: 1');
    expect(received).not.toContain('Set-Cookie');
    expect(sent).not.toContain(key.rawKey);
    expect(sent).not.toContain('c=d');
  });

  // No random id contains these by chance.
  test.each(['credential\r\ninjected: yes', 'credential\nline', 'snow man \u2603', '\u0000'])(
    'a credential that isn’t a valid header value (%j) is not sent, and only that call fails',
    async (credential) => {
      const warn = vi.spyOn(app.log, 'warn').mockReturnValue();
      answer = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';
      await addCredential(app, toolId, credential);
      const received = await ask(rest);
      expect(statusLine(received)).toBe('HTTP/1.1 502 Bad Gateway');
      expect(received).not.toContain('injected');
      expect(sent).toBe('');
      expect(warn).toHaveBeenCalledOnce();
      expect(JSON.stringify(warn.mock.calls)).not.toMatch(/credential|injected|snow man/);
    },
  );
});

test('a trailer with the name of the credential’s header is not forwarded', async () => {
  answer = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';
  await app.db.write(async (tx) => {
    await tx
      .update(tools)
      .set({ dialect: 'generic', credentialHeader: 'X-Acme-Token' })
      .where(eq(tools.id, toolId));
  });
  await addCredential(app, toolId);
  const trailers = 'Trailer: X-Acme-Token\r\n\r\n5\r\nhello\r\n0\r\nX-Acme-Token: mine\r\nX-Mine: 1\r\n\r\n';
  expect(statusLine(await ask(`Transfer-Encoding: chunked\r\n${trailers}`))).toBe('HTTP/1.1 200 OK');
  expect(sent.match(/x-acme-token: .*/gi)).toEqual([`x-acme-token: ${CREDENTIAL}`]);
  expect(sent).toContain('X-Mine: 1');
});
