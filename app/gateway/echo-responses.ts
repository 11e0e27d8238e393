import { ECHO_MODEL, type EchoRequest } from './echo-requests';

/** A longer prompt is streamed with several words per chunk. */
const MAX_CHUNKS = 300;

/** The fields that differ between two responses to the same request. */
export interface ResponseIdentity {
  /** Random, without a prefix. */
  id: string;
  /** Seconds since the epoch. */
  createdAt: number;
}

/** Iterates over words with the space before them. An array would be larger than the text. */
const wordsOf = (text: string) => text.matchAll(/\s*\S+|\s+$/g);

function countWords(text: string): number {
  let count = 0;
  for (const _ of wordsOf(text)) count++;
  return count;
}

/** Splits a text into the chunks of a streamed response: single words, or several if there are many. */
export function* chunksOf(text: string): Generator<string> {
  const wordsPerChunk = Math.ceil(countWords(text) / MAX_CHUNKS);
  let [start, end, words] = [0, 0, 0];
  for (const [word] of wordsOf(text)) {
    end += word.length;
    if (++words % wordsPerChunk !== 0) continue;
    yield text.slice(start, end);
    start = end;
  }
  if (start < end) yield text.slice(start, end);
}

/** Counts one token per word. */
function usageOf(prompt: string) {
  const tokens = countWords(prompt);
  return { prompt_tokens: tokens, completion_tokens: tokens, total_tokens: 2 * tokens };
}

export function models(createdAt: number) {
  return { object: 'list', data: [model(createdAt)] };
}

export function model(createdAt: number) {
  return { id: ECHO_MODEL, object: 'model', created: createdAt, owned_by: 'my-ai-keys' };
}

export function chatCompletion({ model: name, prompt }: EchoRequest, { id, createdAt }: ResponseIdentity) {
  return {
    id: `chatcmpl-${id}`,
    object: 'chat.completion',
    created: createdAt,
    model: name,
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: prompt, refusal: null, annotations: [] },
        logprobs: null,
        finish_reason: 'stop',
      },
    ],
    usage: usageOf(prompt),
  };
}

/** Yields the server-sent events of a streamed chat completion. */
export function* chatCompletionEvents(
  request: EchoRequest,
  { id, createdAt }: ResponseIdentity,
): Generator<string> {
  const { model: name, prompt, includeUsage } = request;
  const head = {
    id: `chatcmpl-${id}`,
    object: 'chat.completion.chunk',
    created: createdAt,
    model: name,
  };
  const chunk = (delta: object, finish: string | null = null) =>
    dataEvent({ ...head, choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }] });
  yield chunk({ role: 'assistant', content: '', refusal: null });
  for (const content of chunksOf(prompt)) yield chunk({ content });
  yield chunk({}, 'stop');
  if (includeUsage) yield dataEvent({ ...head, choices: [], usage: usageOf(prompt) });
  yield 'data: [DONE]\n\n';
}

export function response(request: EchoRequest, identity: ResponseIdentity) {
  const { prompt } = request;
  const usage = usageOf(prompt);
  return {
    ...responseHead(request, identity),
    status: 'completed',
    completed_at: identity.createdAt,
    output: [messageItem(identity.id, 'completed', prompt)],
    usage: {
      input_tokens: usage.prompt_tokens,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: usage.completion_tokens,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: usage.total_tokens,
    },
  };
}

/** Yields the server-sent events of a streamed response. */
export function* responseEvents(request: EchoRequest, identity: ResponseIdentity): Generator<string> {
  const { prompt } = request;
  let sequence = 0;
  const event = (type: string, fields: object) =>
    `event: ${type}\n${dataEvent({ type, sequence_number: sequence++, ...fields })}`;
  const item = { item_id: `msg_${identity.id}`, output_index: 0, content_index: 0 };
  const inProgress = { ...responseHead(request, identity), status: 'in_progress', output: [], usage: null };
  const completeItem = messageItem(identity.id, 'completed', prompt);

  yield event('response.created', { response: inProgress });
  yield event('response.in_progress', { response: inProgress });
  yield event('response.output_item.added', {
    output_index: 0,
    item: { ...completeItem, status: 'in_progress', content: [] },
  });
  yield event('response.content_part.added', { ...item, part: outputText('') });
  for (const delta of chunksOf(prompt)) {
    yield event('response.output_text.delta', { ...item, delta, logprobs: [] });
  }
  yield event('response.output_text.done', { ...item, text: prompt, logprobs: [] });
  yield event('response.content_part.done', { ...item, part: outputText(prompt) });
  yield event('response.output_item.done', { output_index: 0, item: completeItem });
  yield event('response.completed', { response: response(request, identity) });
}

function responseHead({ model: name }: EchoRequest, { id, createdAt }: ResponseIdentity) {
  return {
    id: `resp_${id}`,
    object: 'response',
    created_at: createdAt,
    model: name,
    error: null,
    incomplete_details: null,
    instructions: null,
    metadata: {},
    parallel_tool_calls: true,
    temperature: null,
    tool_choice: 'auto',
    tools: [],
    top_p: null,
  };
}

const outputText = (text: string) => ({ type: 'output_text', text, annotations: [], logprobs: [] });

function messageItem(id: string, status: string, text: string) {
  return { id: `msg_${id}`, type: 'message', role: 'assistant', status, content: [outputText(text)] };
}

const dataEvent = (data: object): string => `data: ${JSON.stringify(data)}\n\n`;
