import { ECHO_MODEL, type EchoRequest } from './echo-requests';

/** A streamed answer comes in no more pieces than this, however many words it has. */
const MOST_PIECES = 300;

/** What makes one answer differ from the next. */
export interface ResponseIdentity {
  /** Random, without a prefix. */
  id: string;
  /** Seconds since the epoch, as these APIs count. */
  createdAt: number;
}

/** A word with the space before it. Found one by one: an array of them all would be larger than the text. */
const wordsOf = (text: string) => text.matchAll(/\s*\S+|\s+$/g);

function countWords(text: string): number {
  let count = 0;
  for (const _ of wordsOf(text)) count++;
  return count;
}

/** The pieces that a streamed answer comes in: its words, or several at once where those are many. */
export function* piecesOf(text: string): Generator<string> {
  const perPiece = Math.ceil(countWords(text) / MOST_PIECES);
  let [start, end, words] = [0, 0, 0];
  for (const [word] of wordsOf(text)) {
    end += word.length;
    if (++words % perPiece !== 0) continue;
    yield text.slice(start, end);
    start = end;
  }
  if (start < end) yield text.slice(start, end);
}

/** One token a word: no model, so nobody's tokenizer is more right. */
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

/** The server-sent events of a streamed chat completion, in order. */
export function* chatCompletionEvents(
  question: EchoRequest,
  { id, createdAt }: ResponseIdentity,
): Generator<string> {
  const { model: name, prompt, wantsUsage } = question;
  const head = {
    id: `chatcmpl-${id}`,
    object: 'chat.completion.chunk',
    created: createdAt,
    model: name,
  };
  const chunk = (delta: object, finish: string | null = null) =>
    dataEvent({ ...head, choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }] });
  yield chunk({ role: 'assistant', content: '', refusal: null });
  for (const piece of piecesOf(prompt)) yield chunk({ content: piece });
  yield chunk({}, 'stop');
  if (wantsUsage) yield dataEvent({ ...head, choices: [], usage: usageOf(prompt) });
  yield 'data: [DONE]\n\n';
}

export function response(question: EchoRequest, occasion: ResponseIdentity) {
  const { prompt } = question;
  const usage = usageOf(prompt);
  return {
    ...responseHead(question, occasion),
    status: 'completed',
    completed_at: occasion.createdAt,
    output: [messageItem(occasion.id, 'completed', prompt)],
    usage: {
      input_tokens: usage.prompt_tokens,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: usage.completion_tokens,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: usage.total_tokens,
    },
  };
}

/** The server-sent events of a streamed response, in order. */
export function* responseEvents(question: EchoRequest, occasion: ResponseIdentity): Generator<string> {
  const { prompt } = question;
  let sequence = 0;
  const event = (type: string, fields: object) =>
    `event: ${type}\n${dataEvent({ type, sequence_number: sequence++, ...fields })}`;
  const item = { item_id: `msg_${occasion.id}`, output_index: 0, content_index: 0 };
  const begun = { ...responseHead(question, occasion), status: 'in_progress', output: [], usage: null };
  const whole = messageItem(occasion.id, 'completed', prompt);

  yield event('response.created', { response: begun });
  yield event('response.in_progress', { response: begun });
  yield event('response.output_item.added', {
    output_index: 0,
    item: { ...whole, status: 'in_progress', content: [] },
  });
  yield event('response.content_part.added', { ...item, part: outputText('') });
  for (const delta of piecesOf(prompt)) {
    yield event('response.output_text.delta', { ...item, delta, logprobs: [] });
  }
  yield event('response.output_text.done', { ...item, text: prompt, logprobs: [] });
  yield event('response.content_part.done', { ...item, part: outputText(prompt) });
  yield event('response.output_item.done', { output_index: 0, item: whole });
  yield event('response.completed', { response: response(question, occasion) });
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
