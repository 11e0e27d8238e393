import OpenAI from 'openai';
import { beforeEach, describe, expect, test } from 'vitest';
import type { App } from '~/server/create-app.server';
import { callerAs, testApp } from '../helpers/app';
import { addUser } from '../helpers/factories';
import { exchange, serveGateway } from './harness';

let app: App;
let rawKey: string;
let keyId: string;
let holderId: string;
let base: string;
let client: OpenAI;

beforeEach(async () => {
  app = await testApp();
  holderId = (await addUser(app)).id;
  const issued = await callerAs(app, holderId).keys.request({
    tool: 'echo',
    environment: 'development',
    purpose: 'Trying it out',
  });
  if (issued.outcome !== 'issued') throw new Error('the key was not issued');
  ({ rawKey } = issued);
  keyId = issued.key.id;
  base = `${(await serveGateway(app)).origin}/gateway/echo`;
  client = new OpenAI({ apiKey: rawKey, baseURL: `${base}/v1` });
});

const messages = [
  { role: 'system' as const, content: 'Be brief.' },
  { role: 'user' as const, content: 'First question' },
  { role: 'assistant' as const, content: 'First answer' },
  { role: 'user' as const, content: 'Hello  there,\nGrüße 👋' },
];
const PROMPT = 'Hello  there,\nGrüße 👋';

describe('the built-in tool, called by the OpenAI SDK,', () => {
  test('lists its model', async () => {
    const list = await client.models.list();
    expect(list.data).toMatchObject([{ id: 'echo', object: 'model', owned_by: 'my-ai-keys' }]);
    expect(await client.models.retrieve('echo')).toMatchObject({ id: 'echo', object: 'model' });
  });

  test('responds to a chat completion with the user’s last message', async () => {
    const answer = await client.chat.completions.create({ model: 'echo', messages });
    expect(answer).toMatchObject({
      object: 'chat.completion',
      model: 'echo',
      usage: { prompt_tokens: 4, total_tokens: 8 },
    });
    expect(answer.choices).toMatchObject([
      { finish_reason: 'stop', message: { role: 'assistant', content: PROMPT } },
    ]);
    expect(answer.created).toBeCloseTo(Date.now() / 1000, -2);
    expect(answer._request_id).toMatch(/^call_/);
  });

  test('accepts content in parts', async () => {
    const content = [
      { type: 'text' as const, text: 'one ' },
      { type: 'image_url' as const, image_url: { url: 'https://example.com/x.png' } },
      { type: 'text' as const, text: 'two' },
    ];
    const answer = await client.chat.completions.create({
      model: 'any',
      messages: [{ role: 'user', content }],
    });
    expect(answer.model).toBe('any');
    expect(answer.choices[0]?.message.content).toBe('one two');
  });

  test('streams a chat completion, with its usage if requested', async () => {
    const stream = await client.chat.completions.create({
      model: 'echo',
      messages,
      stream: true,
      stream_options: { include_usage: true },
    });
    const pieces: string[] = [];
    let usage: unknown;
    let finished: unknown;
    for await (const chunk of stream) {
      const content = chunk.choices[0]?.delta.content;
      if (content) pieces.push(content);
      finished ??= chunk.choices[0]?.finish_reason;
      usage ??= chunk.usage;
    }
    expect(pieces.length).toBeGreaterThan(2);
    expect(pieces.join('')).toBe(PROMPT);
    expect(finished).toBe('stop');
    expect(usage).toEqual({ prompt_tokens: 4, completion_tokens: 4, total_tokens: 8 });
  });

  test('responds to the Responses API, plain and streamed', async () => {
    const plain = await client.responses.create({ model: 'echo', input: PROMPT });
    expect(plain.output_text).toBe(PROMPT);
    expect(plain).toMatchObject({
      object: 'response',
      status: 'completed',
      usage: { input_tokens: 4, total_tokens: 8 },
    });
    const stream = client.responses.stream({
      model: 'echo',
      input: [{ role: 'user', content: [{ type: 'input_text', text: PROMPT }] }],
    });
    const types = new Set<string>();
    for await (const event of stream) types.add(event.type);
    expect((await stream.finalResponse()).output_text).toBe(PROMPT);
    expect([...types]).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.content_part.added',
      'response.output_text.delta',
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.completed',
    ]);
  });

  test('responds to an empty prompt with an empty text', async () => {
    for (const stream of [false, true]) {
      const answer = await client.chat.completions.create({
        model: 'echo',
        messages: [{ role: 'user', content: '' }],
        stream,
      });
      expect(answer).toBeDefined();
    }
  });

  test('rejects invalid requests in OpenAI’s shape', async () => {
    const unread = [
      { path: '/v1/chat/completions', body: '{not json', status: 400 },
      { path: '/v1/chat/completions', body: '{"model":"echo"}', status: 400 },
      { path: '/v1/chat/completions', body: '{"messages":[]}', status: 400 },
      { path: '/v1/chat/completions', body: '', status: 400 },
      { path: '/v1/responses', body: '{"input":7}', status: 400 },
      { path: '/v1/chat/completions', body: `{"messages":"${'x'.repeat(1024 * 1024)}"}`, status: 413 },
      { path: '/v1/embeddings', body: '{}', status: 404 },
      { path: '', body: '{}', status: 404 },
    ];
    for (const { path, body, status } of unread) {
      const response = await fetch(base + path, { method: 'POST', body, headers: { 'api-key': rawKey } });
      expect([path, response.status]).toEqual([path, status]);
      expect(await response.json()).toEqual({
        error: { message: expect.any(String), type: 'invalid_request_error', param: null, code: null },
      });
    }
    await expect(client.chat.completions.create({ model: 'echo', messages: [] })).rejects.toBeInstanceOf(
      OpenAI.BadRequestError,
    );
  });

  test('handles HEAD like GET', async () => {
    const [get, head] = await Promise.all(
      ['GET', 'HEAD'].map((method) => fetch(`${base}/v1/models`, { method, headers: { 'api-key': rawKey } })),
    );
    expect(head?.status).toBe(200);
    expect(head?.headers.get('content-length')).toBe(get?.headers.get('content-length'));
    expect(await head?.text()).toBe('');
  });

  test('sends 100 Continue to a client that expects it', async () => {
    const body = '{"messages":[{"role":"user","content":"asked first"}]}';
    const { origin } = new URL(base);
    const head = `POST /gateway/echo/v1/chat/completions HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nConnection: close\r\nContent-Length: ${body.length}\r\napi-key: ${rawKey}\r\n\r\n`;
    const answer = await exchange(origin, head + body);
    expect(answer).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n/);
    expect(answer).toContain('"content":"asked first"');
  });

  test('sends only the error to a client that expects 100 Continue but has no valid key', async () => {
    const { origin } = new URL(base);
    const head =
      'POST /gateway/echo/v1/chat/completions HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n';
    const answer = await exchange(origin, head, 'invalid_api_key');
    expect(answer).toMatch(/^HTTP\/1\.1 401 Unauthorized\r\n/);
  });

  test('stops when its key is revoked, also in the middle of a response', async () => {
    const long = 'word '.repeat(2_000);
    const stream = await client.chat.completions.create({
      model: 'echo',
      messages: [{ role: 'user', content: long }],
      stream: true,
    });
    const read = async () => {
      let first = true;
      for await (const _ of stream) {
        if (first) await callerAs(app, holderId).keys.revoke({ keyId });
        first = false;
      }
    };
    await expect(read()).rejects.toThrow();
    await expect(client.models.list()).rejects.toBeInstanceOf(OpenAI.AuthenticationError);
  });

  test('can be archived like any other tool', async () => {
    const admin = await addUser(app, 'admin');
    await callerAs(app, admin.id).tools.archive({ tool: 'echo' });
    await expect(client.models.list()).rejects.toBeInstanceOf(OpenAI.PermissionDeniedError);
    await callerAs(app, admin.id).tools.restore({ tool: 'echo' });
    expect((await client.models.list()).data).toHaveLength(1);
  });
});
