import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { requestHeadersToForward, responseHeadersToForward } from '~/gateway/headers';
import { words } from './harness';

const names = (raw: string[]) => raw.filter((_, index) => index % 2 === 0);

describe('request headers', () => {
  test('are forwarded unchanged: order, case, repetitions and unknown names', () => {
    const raw = words('X-Two b anthropic-beta a anthropic-beta c openai-organization o x-two d');
    expect(requestHeadersToForward(raw, null)).toEqual(raw);
  });

  test.each([
    ...words(`Authorization x-api-key Api-Key X-Goog-Api-Key Cookie Connection Keep-Alive Proxy-Connection
      Proxy-Authorization TE Transfer-Encoding Upgrade Host Expect Forwarded Via X-Forwarded-For
      X-Forwarded-Proto X-Forwarded-Whatever`),
  ])('are forwarded without %s, in any case', (name) => {
    for (const written of [name, name.toLowerCase(), name.toUpperCase()])
      expect(requestHeadersToForward(['a', '1', written, 'x', 'b', '2'], null)).toEqual(['a', '1', 'b', '2']);
  });

  test('are forwarded without those that Connection names, wherever it is', () => {
    expect(
      requestHeadersToForward(
        ['X-Hop', '1', 'keep', '2', 'Connection', 'close, x-hop', 'connection', 'Other', 'other', '3'],
        null,
      ),
    ).toEqual(['keep', '2']);
  });

  test('keep Content-Length even if Connection names it', () => {
    expect(requestHeadersToForward(['Content-Length', '3', 'Connection', 'content-length'], null)).toEqual([
      'Content-Length',
      '3',
    ]);
  });

  test('are forwarded without the client’s header of the credential’s name', () => {
    expect(requestHeadersToForward(['X-Acme-Token', 'mine', 'a', '1'], 'x-acme-token')).toEqual(['a', '1']);
  });
});

describe('response headers', () => {
  test('are forwarded unchanged, with repetitions', () => {
    const raw = words('Date d openai-processing-ms 5 Link a Link b Trailer x-end content-encoding gzip');
    expect(responseHeadersToForward(raw)).toEqual(raw);
  });

  test.each(['Set-Cookie', 'Connection', 'Keep-Alive', 'Transfer-Encoding', 'Proxy-Authenticate', 'Upgrade'])(
    'are forwarded without %s',
    (name) => {
      expect(responseHeadersToForward([name, 'x', 'a', '1'])).toEqual(['a', '1']);
    },
  );

  test('of an event stream include X-Accel-Buffering', () => {
    expect(responseHeadersToForward(['Content-Type', 'text/event-stream; charset=utf-8'])).toEqual([
      'Content-Type',
      'text/event-stream; charset=utf-8',
      'X-Accel-Buffering',
      'no',
    ]);
    expect(
      responseHeadersToForward(['content-type', 'text/event-stream', 'x-accel-buffering', 'yes']),
    ).toHaveLength(4);
    expect(responseHeadersToForward(['content-type', 'text/event-streams'])).toHaveLength(2);
  });
});

test('key, cookie and hop-by-hop headers are never forwarded, all others always are', () => {
  const hop = ['connection', 'keep-alive', 'te', 'upgrade', 'transfer-encoding', 'proxy-connection'];
  const secret = [
    ...words(
      `authorization x-api-key api-key x-goog-api-key cookie via forwarded x-forwarded-for host expect`,
    ),
  ];
  const token = fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,14}$/);
  const name = fc.oneof(
    token,
    fc.constantFrom(...hop, ...secret).map((text) => text.toUpperCase()),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(name, token)), (pairs) => {
      const out = names(requestHeadersToForward(pairs.flat(), null));
      const options = pairs
        .filter(([key]) => key.toLowerCase() === 'connection')
        .map(([, value]) => value.toLowerCase());
      const expected = pairs
        .map(([key]) => key)
        .filter((key) => {
          const lower = key.toLowerCase();
          if ([...hop, ...secret, 'cookie2', 'proxy-authorization', 'proxy-authenticate'].includes(lower))
            return false;
          if (lower.startsWith('x-forwarded-')) return false;
          return !options.includes(lower) || ['close', 'keep-alive', 'content-length'].includes(lower);
        });
      expect(out).toEqual(expected);
    }),
  );
});
