import { connect } from 'node:net';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { App } from '~/server/create-app.server';
import { callerAs, testApp } from '../helpers/app';
import { addUser } from '../helpers/factories';
import { exchange, serveGateway } from './harness';
import { StalledClient } from './stalled-client';

let app: App;
let rawKey: string;

beforeEach(async () => {
  app = await testApp();
  const holder = await addUser(app);
  const issued = await callerAs(app, holder.id).keys.request({
    tool: 'echo',
    environment: 'development',
    purpose: 'Asking too much',
  });
  if (issued.outcome !== 'issued') throw new Error('the key was not issued');
  ({ rawKey } = issued);
});

const KIB = 1024;
/** The longest prompt allowed, of the shortest words. */
const MANY_WORDS = 'a '.repeat(16 * KIB);
const chat = (prompt: string, more: object = {}) =>
  JSON.stringify({ messages: [{ role: 'user', content: prompt }], stream: true, ...more });

const ask = (origin: string, path: string, body: string) =>
  fetch(`${origin}/gateway/echo${path}`, {
    method: 'POST',
    body,
    headers: { authorization: `Bearer ${rawKey}` },
  });

const isServed = async (origin: string) => {
  const response = await fetch(`${origin}/gateway/echo/v1/models`, {
    headers: { authorization: `Bearer ${rawKey}` },
  });
  return response.status === 200 && (await response.json()).object === 'list';
};

/** The data of a stream's events, without the final `[DONE]`. */
const eventsOf = (stream: string) =>
  [...stream.matchAll(/^data: (.*)$/gm)]
    .map(([, data]) => data as string)
    .filter((data) => data !== '[DONE]');

describe('the built-in tool', () => {
  test('rejects requests whose response would be too large, in OpenAI’s shape', async () => {
    const { origin } = await serveGateway(app);
    const turns = (turn: string) => `{"messages":[${Array(300_000).fill(turn)}],"stream":true}`;
    const refused: [name: string, body: string, status: number][] = [
      ['a model as long as the body', chat('a '.repeat(200 * KIB), { model: 'm'.repeat(512 * KIB) }), 400],
      ['a longer name than any model has', chat('Hello', { model: 'm'.repeat(201) }), 400],
      ['a prompt as long as the body', chat('a '.repeat(500 * KIB)), 413],
      ['a prompt one character too long', chat(`${MANY_WORDS}a`), 413],
      ['that many turns', turns('{}'), 400],
      ['that many turns that are none', turns('1'), 400],
    ];
    for (const [name, body, status] of refused) {
      const response = await ask(origin, '/v1/chat/completions', body);
      expect([name, response.status]).toEqual([name, status]);
      expect(await response.json()).toEqual({
        error: { message: expect.any(String), type: 'invalid_request_error', param: null, code: null },
      });
      expect(await isServed(origin)).toBe(true);
    }
  });

  test('streams a long prompt in few events without blocking other calls', async () => {
    const { origin } = await serveGateway(app);
    const model = 'm'.repeat(200);
    const chats = await Promise.all(
      Array.from({ length: 10 }, () =>
        ask(
          origin,
          '/v1/chat/completions',
          chat(MANY_WORDS, { model, stream_options: { include_usage: true } }),
        ),
      ),
    );
    const responses = await Promise.all(
      Array.from({ length: 10 }, () =>
        ask(origin, '/v1/responses', JSON.stringify({ model, input: MANY_WORDS, stream: true })),
      ),
    );
    let ended = 0;
    const texts = [...chats, ...responses].map(async (response) => {
      const text = await response.text();
      ended++;
      return text;
    });
    expect(await isServed(origin)).toBe(true);
    expect(ended).toBe(0);
    const streams = await Promise.all(texts);
    for (const [index, stream] of streams.entries()) {
      const events = eventsOf(stream).map((data) => JSON.parse(data));
      expect(events.length).toBeLessThan(320);
      expect(stream.length).toBeLessThan(400 * KIB);
      const pieces = events.map(
        (event) => (index < 10 ? event.choices[0]?.delta.content : event.delta) ?? '',
      );
      expect(pieces.join('') === MANY_WORDS).toBe(true);
      const last = events.at(-1);
      const usage = index < 10 ? last.usage.completion_tokens : last.response.usage.output_tokens;
      // The space at the end counts, too.
      expect(usage).toBe(16 * KIB + 1);
    }
    expect(streams[0]?.endsWith('data: [DONE]\n\n')).toBe(true);
    expect(streams[10]).toContain('event: response.completed\n');
  });

  test('generates no more of a stream than its client reads', async () => {
    const { server } = await serveGateway(app);
    const client = new StalledClient();
    onTestFinished(() => void client.destroy());
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    server.emit('connection', client);
    const body = JSON.stringify({ input: MANY_WORDS, stream: true });
    client.push(
      `POST /gateway/echo/v1/responses HTTP/1.1\r\nHost: x\r\nx-api-key: ${rawKey}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    await vi.advanceTimersByTimeAsync(9_000); // twice the duration of the whole stream
    expect(client.writableLength).toBeGreaterThan(4 * KIB);
    expect(client.writableLength).toBeLessThan(100 * KIB);
    expect(client.received).not.toContain('response.output_text.done');

    client.flow();
    await vi.advanceTimersByTimeAsync(9_000);
    expect(client.received.length).toBeGreaterThan(200 * KIB);
    expect(client.received).toMatch(/event: response\.completed\n[\s\S]*\r\n0\r\n\r\n$/);
  });

  test('sends the rest of a stream without delays after ten seconds', async () => {
    const { origin } = await serveGateway(app);
    let late = 0;
    const now = performance.now.bind(performance);
    vi.spyOn(performance, 'now').mockImplementation(() => now() + late);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const response = await ask(origin, '/v1/chat/completions', chat(MANY_WORDS));
    late = 10_000;
    vi.advanceTimersByTime(15); // one delay only
    expect(await response.text()).toMatch(/data: \[DONE\]\n\n$/);
  });

  test('keeps at most 64 MiB of incomplete bodies in memory', async () => {
    const { origin, port } = await serveGateway(app);
    const half = 512 * KIB;
    const head = `POST /gateway/echo/v1/responses HTTP/1.1\r\nHost: x\r\nx-api-key: ${rawKey}\r\nContent-Length: ${2 * half}\r\n\r\n`;
    const begun = Buffer.concat([Buffer.from(head), Buffer.alloc(2 * half - 1, ' ')]);
    const sockets = Array.from({ length: 64 }, () => connect(port, '127.0.0.1'));
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
    });
    for (const socket of sockets) socket.on('error', () => undefined).write(begun);
    const small = JSON.stringify({ input: 'Hello' }).padEnd(KIB, ' ');
    const statusNow = async () => (await ask(origin, '/v1/responses', small)).status;
    await expect.poll(statusNow, { timeout: 20_000 }).toBe(429);
    const answer = await exchange(
      origin,
      `POST /gateway/echo/v1/responses HTTP/1.1\r\nHost: x\r\nx-api-key: ${rawKey}\r\nContent-Length: ${KIB}\r\n\r\n${small}`,
      'rate_limit_exceeded',
    );
    expect(answer).toMatch(/^HTTP\/1\.1 429 /);
    expect(answer).toContain('Too many calls to Echo');
    expect(await isServed(origin)).toBe(true);
    sockets[0]?.destroy();
    await expect.poll(statusNow).toBe(200);
  });
});
