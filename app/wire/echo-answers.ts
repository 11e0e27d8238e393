import { z } from 'zod';

/** The one model that the built-in tool has. */
export const ECHO_MODEL = 'echo';

const textPart = z.looseObject({ text: z.string().optional() });
const content = z.union([z.string(), z.array(textPart), z.null()]).optional();
const turn = z.looseObject({ role: z.string().optional(), content });

/** What the built-in tool reads of a chat completion request; the rest is accepted and not looked at. */
export const chatRequest = z.looseObject({
  model: z.string().default(ECHO_MODEL),
  messages: z.array(turn).min(1),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().optional() }).nullish(),
});
export type ChatRequest = z.infer<typeof chatRequest>;

/** The same of a Responses request. */
export const responsesRequest = z.looseObject({
  model: z.string().default(ECHO_MODEL),
  input: z.union([z.string(), z.array(turn).min(1)]),
  stream: z.boolean().nullish(),
});
export type ResponsesRequest = z.infer<typeof responsesRequest>;

/** What makes one answer differ from the next. */
export interface Occasion {
  /** Random, without a prefix. */
  id: string;
  /** Seconds since the epoch, as these APIs count. */
  createdAt: number;
}

type Turns = z.infer<typeof turn>[];

/** The prompt: what the user said last. */
export function promptOf(turns: Turns | string): string {
  if (typeof turns === 'string') return turns;
  const last = turns.findLast(({ role }) => role === 'user') ?? turns.at(-1);
  if (!Array.isArray(last?.content)) return last?.content ?? '';
  return last.content.map(({ text }) => text ?? '').join('');
}

/** The pieces that a streamed answer comes in: words with the space before them. */
export const piecesOf = (text: string): string[] => text.match(/\s*\S+|\s+$/g) ?? [];

/** One token a word: no model, so nobody's tokenizer is more right. */
function usageOf(prompt: string) {
  const tokens = piecesOf(prompt).length;
  return { prompt_tokens: tokens, completion_tokens: tokens, total_tokens: 2 * tokens };
}

export function models(createdAt: number) {
  return { object: 'list', data: [model(createdAt)] };
}

export function model(createdAt: number) {
  return { id: ECHO_MODEL, object: 'model', created: createdAt, owned_by: 'my-ai-keys' };
}

export function chatCompletion({ model: name, messages }: ChatRequest, { id, createdAt }: Occasion) {
  const prompt = promptOf(messages);
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
export function* chatCompletionEvents(request: ChatRequest, { id, createdAt }: Occasion): Generator<string> {
  const head = {
    id: `chatcmpl-${id}`,
    object: 'chat.completion.chunk',
    created: createdAt,
    model: request.model,
  };
  const chunk = (delta: object, finish: string | null = null) =>
    dataEvent({ ...head, choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }] });
  const prompt = promptOf(request.messages);
  yield chunk({ role: 'assistant', content: '', refusal: null });
  for (const piece of piecesOf(prompt)) yield chunk({ content: piece });
  yield chunk({}, 'stop');
  if (request.stream_options?.include_usage)
    yield dataEvent({ ...head, choices: [], usage: usageOf(prompt) });
  yield 'data: [DONE]\n\n';
}

export function response(request: ResponsesRequest, occasion: Occasion) {
  const prompt = promptOf(request.input);
  const usage = usageOf(prompt);
  return {
    ...responseHead(request, occasion),
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
export function* responseEvents(request: ResponsesRequest, occasion: Occasion): Generator<string> {
  let sequence = 0;
  const event = (type: string, fields: object) =>
    `event: ${type}\n${dataEvent({ type, sequence_number: sequence++, ...fields })}`;
  const item = { item_id: `msg_${occasion.id}`, output_index: 0, content_index: 0 };
  const prompt = promptOf(request.input);
  const begun = { ...responseHead(request, occasion), status: 'in_progress', output: [], usage: null };
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
  yield event('response.completed', { response: response(request, occasion) });
}

function responseHead({ model: name }: ResponsesRequest, { id, createdAt }: Occasion) {
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
