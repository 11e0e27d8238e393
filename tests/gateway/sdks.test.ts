import Anthropic from '@anthropic-ai/sdk';
import { ApiError, GoogleGenAI } from '@google/genai';
import AnthropicOld from 'anthropic-sdk-old';
import { eq } from 'drizzle-orm';
import OpenAI from 'openai';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { App } from '~/server/create-app.server';
import { tools } from '~db/schema';
import type { Dialect } from '~db/schema/enums';
import { callerAs, testApp } from '../helpers/app';
import { addCredential, addKey, addTool, CREDENTIAL, type IssuedKey } from '../helpers/factories';
import { type Recorded, serveGateway, serveRecorder } from './harness';

let app: App;
let key: IssuedKey;
let gatewayUrl: string;
let recorded: Recorded[];
let requests: () => number;

/** Adds a tool of this dialect with a fake upstream, and a key for it. */
async function connect(dialect: Dialect, answers: (request: Recorded) => { type: string; body: string }) {
  app = await testApp();
  const upstream = await serveRecorder((request, response) => {
    const { type, body } = answers(request);
    response.writeHead(200, { 'content-type': type, 'set-cookie': 'tracking=1' }).end(body);
  });
  recorded = upstream.recorded;
  const [tool] = await app.db.write((tx) =>
    tx.update(tools).set({ upstreamUrl: upstream.origin }).where(eq(tools.slug, dialect)).returning(),
  );
  const toolId = tool?.id ?? '';
  await addCredential(app, toolId);
  key = await addKey(app, toolId);
  const served = await serveGateway(app);
  gatewayUrl = `${served.origin}/gateway/${dialect}`;
  requests = served.requests;
  for (const name of Object.keys(process.env))
    if (/^(OPENAI|ANTHROPIC|GEMINI|GOOGLE)_/.test(name)) vi.stubEnv(name, undefined);
}

const revoke = () => callerAs(app, key.holderId).keys.revoke({ keyId: key.id });

/** Expects that the provider got its credential and nothing of this server. */
function expectOnlyTheCredential(header: string, value: string) {
  expect(recorded.length).toBeGreaterThan(0);
  for (const { headers, url, body } of recorded) {
    expect(headers[header]).toBe(value);
    const others = Object.entries(headers).filter(([name]) => name !== header);
    expect(JSON.stringify(others)).not.toContain(CREDENTIAL);
    const all = JSON.stringify([url, headers, body.toString()]);
    expect(all).not.toContain(key.rawKey);
    expect(all).not.toContain('aik_');
    for (const name of [
      'cookie',
      'via',
      'forwarded',
      'x-forwarded-for',
      'x-forwarded-host',
      'x-forwarded-proto',
      'x-real-ip',
    ])
      expect(headers[name]).toBeUndefined();
    for (const name of ['authorization', 'x-api-key', 'api-key', 'x-goog-api-key'])
      if (name !== header) expect(headers[name]).toBeUndefined();
  }
}

/** Expects that the call fails after one attempt. Returns its error. */
async function expectOneAttempt(call: () => Promise<unknown>): Promise<unknown> {
  const before = requests();
  const error = await call().then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(requests() - before).toBe(1);
  return error;
}

const events = (...list: object[]) => list.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('');
const SSE = 'text/event-stream';

describe('the OpenAI SDK', () => {
  const completion = {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1,
    model: 'gpt',
    choices: [{ index: 0, message: { role: 'assistant', content: 'Hello!' }, finish_reason: 'stop' }],
  };
  const chunk = (content: string) => ({
    ...completion,
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta: { content } }],
  });

  beforeEach(async () => {
    await connect('openai', ({ body }) =>
      body.includes('"stream":true')
        ? { type: SSE, body: `${events(chunk('Hel'), chunk('lo!'))}data: [DONE]\n\n` }
        : { type: 'application/json', body: JSON.stringify(completion) },
    );
    vi.stubEnv('OPENAI_BASE_URL', `${gatewayUrl}/v1`);
    vi.stubEnv('OPENAI_API_KEY', key.rawKey);
  });

  const ask = { model: 'gpt', messages: [{ role: 'user' as const, content: 'Hi' }] };

  test('works with its two settings, plain and streamed', async () => {
    const client = new OpenAI();
    const plain = await client.chat.completions.create(ask);
    expect(plain.choices[0]?.message.content).toBe('Hello!');
    let streamed = '';
    for await (const part of await client.chat.completions.create({ ...ask, stream: true })) {
      streamed += part.choices[0]?.delta.content ?? '';
    }
    expect(streamed).toBe('Hello!');
    expect(recorded.map(({ url }) => url)).toEqual(['/v1/chat/completions', '/v1/chat/completions']);
    expectOnlyTheCredential('authorization', `Bearer ${CREDENTIAL}`);
  });

  test('raises its authentication error for a revoked key, after one attempt', async () => {
    await revoke();
    for (const stream of [false, true]) {
      const error = await expectOneAttempt(() => new OpenAI().chat.completions.create({ ...ask, stream }));
      expect(error).toBeInstanceOf(OpenAI.AuthenticationError);
      expect(error).toMatchObject({
        status: 401,
        code: 'invalid_api_key',
        requestID: expect.stringMatching(/^call_/),
      });
      expect(String(error)).toContain('revoked');
    }
    expect(recorded).toEqual([]);
  });

  test('raises its permission error for a key of another tool, after one attempt', async () => {
    await addTool(app, { slug: 'elsewhere' });
    const client = new OpenAI({ baseURL: gatewayUrl.replace(/openai$/, 'elsewhere') });
    const error = await expectOneAttempt(() => client.models.list());
    expect(error).toBeInstanceOf(OpenAI.PermissionDeniedError);
  });
});

/** What both versions of the SDK have in common. */
interface AnthropicSdk {
  new (): {
    messages: {
      create(ask: object): Promise<{ content: unknown[] }>;
      stream(ask: object): { finalText(): Promise<string> };
    };
  };
  AuthenticationError: new (...args: never[]) => Error;
}

describe.each([
  ['a current one, which sends Bearer', Anthropic as unknown as AnthropicSdk],
  ['an old one, which sends x-api-key', AnthropicOld as unknown as AnthropicSdk],
])('the Anthropic SDK, %s,', (_, Sdk) => {
  const message = {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'claude',
    content: [{ type: 'text', text: 'Hello!' }],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: { input_tokens: 1, output_tokens: 1 },
  };
  const named = (event: { type: string }) => `event: ${event.type}\n${events(event)}`;
  const stream = [
    { type: 'message_start', message: { ...message, content: [] } },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hello!' } },
    { type: 'content_block_stop', index: 0 },
    {
      type: 'message_delta',
      delta: { stop_reason: 'end_turn', stop_sequence: null },
      usage: { output_tokens: 1 },
    },
    { type: 'message_stop' },
  ];

  beforeEach(async () => {
    await connect('anthropic', ({ body }) =>
      body.includes('"stream":true')
        ? { type: SSE, body: stream.map(named).join('') }
        : { type: 'application/json', body: JSON.stringify(message) },
    );
    vi.stubEnv('ANTHROPIC_BASE_URL', gatewayUrl);
    vi.stubEnv('ANTHROPIC_API_KEY', key.rawKey);
  });

  const ask = { model: 'claude', max_tokens: 10, messages: [{ role: 'user' as const, content: 'Hi' }] };

  test('works with its two settings, plain and streamed', async () => {
    const client = new Sdk();
    expect((await client.messages.create(ask)).content).toMatchObject([{ type: 'text', text: 'Hello!' }]);
    expect(await client.messages.stream(ask).finalText()).toBe('Hello!');
    expect(recorded.map(({ url }) => url?.split('?')[0])).toEqual(['/v1/messages', '/v1/messages']);
    expect(recorded[0]?.headers['anthropic-version']).toBeDefined();
    expectOnlyTheCredential('x-api-key', CREDENTIAL);
  });

  test('works with ANTHROPIC_AUTH_TOKEN, as Claude Code sends it', async () => {
    vi.stubEnv('ANTHROPIC_API_KEY', undefined);
    vi.stubEnv('ANTHROPIC_AUTH_TOKEN', key.rawKey);
    expect((await new Sdk().messages.create(ask)).content).toHaveLength(1);
    expectOnlyTheCredential('x-api-key', CREDENTIAL);
  });

  test('raises its authentication error for a revoked key, after one attempt', async () => {
    await revoke();
    for (const streamed of [false, true]) {
      const error = await expectOneAttempt(() => new Sdk().messages.create({ ...ask, stream: streamed }));
      expect(error).toBeInstanceOf(Sdk.AuthenticationError);
      expect(error).toMatchObject({ status: 401, requestID: expect.stringMatching(/^call_/) });
      expect(String(error)).toContain('revoked');
    }
    expect(recorded).toEqual([]);
  });
});

describe('the Google GenAI SDK', () => {
  const part = (text: string) => ({
    candidates: [{ content: { role: 'model', parts: [{ text }] }, finishReason: 'STOP' }],
  });

  beforeEach(async () => {
    await connect('gemini', ({ url }) =>
      url?.includes('stream')
        ? { type: SSE, body: events(part('Hel'), part('lo!')) }
        : { type: 'application/json', body: JSON.stringify(part('Hello!')) },
    );
    vi.stubEnv('GOOGLE_GEMINI_BASE_URL', gatewayUrl);
    vi.stubEnv('GEMINI_API_KEY', key.rawKey);
  });

  const ask = { model: 'gemini-2.5-flash', contents: 'Hi' };

  test('works with its two settings, plain and streamed', async () => {
    const client = new GoogleGenAI({});
    expect((await client.models.generateContent(ask)).text).toBe('Hello!');
    let streamed = '';
    for await (const piece of await client.models.generateContentStream(ask)) streamed += piece.text;
    expect(streamed).toBe('Hello!');
    expect(recorded.map(({ url }) => url)).toEqual([
      '/v1beta/models/gemini-2.5-flash:generateContent',
      '/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse',
    ]);
    expectOnlyTheCredential('x-goog-api-key', CREDENTIAL);
  });

  test('raises its error with 401 for a revoked key, after one attempt', async () => {
    await revoke();
    const client = new GoogleGenAI({});
    for (const call of [
      () => client.models.generateContent(ask),
      () => client.models.generateContentStream(ask),
    ]) {
      const error = await expectOneAttempt(call);
      expect(error).toBeInstanceOf(ApiError);
      expect(error).toMatchObject({ status: 401 });
      expect(String(error)).toContain('UNAUTHENTICATED');
    }
    expect(recorded).toEqual([]);
  });
});
