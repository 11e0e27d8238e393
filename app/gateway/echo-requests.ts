import { z } from 'zod';

/** The built-in tool's only model. */
export const ECHO_MODEL = 'echo';

/** The name is repeated in every event of a stream. */
const MAX_MODEL_LENGTH = 200;
/** Turns of a conversation, and parts of one turn. */
const MAX_ITEMS = 4096;

const items = z.array(z.unknown()).max(MAX_ITEMS);
const turn = z.object({ content: z.union([z.string(), items, z.null()]).optional() });
const part = z.object({ text: z.string().optional() });

/**
 * Reduces a conversation to the prompt, the user's last message. Nothing else is validated, so thousands of turns and
 * parts cost no more than any other body of the same size.
 */
const conversation = items.min(1).transform((turns, context) => {
  const prompt = textOf(turns.findLast(isUserTurn) ?? turns.at(-1));
  if (prompt !== null) return prompt;
  context.addIssue({ code: 'custom', message: 'the last message is invalid' });
  return z.NEVER;
});

const isUserTurn = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'role' in value && value.role === 'user';

/** Returns the text of a turn; null if it isn't one. */
function textOf(value: unknown): string | null {
  const { data } = turn.safeParse(value);
  if (data === undefined) return null;
  if (!Array.isArray(data.content)) return data.content ?? '';
  let text = '';
  for (const item of data.content) {
    const parsed = part.safeParse(item);
    if (!parsed.success) return null;
    text += parsed.data.text ?? '';
  }
  return text;
}

const common = {
  model: z.string().max(MAX_MODEL_LENGTH).default(ECHO_MODEL),
  stream: z.boolean().nullish(),
};

/** A request to the built-in tool. */
export interface EchoRequest {
  model: string;
  prompt: string;
  stream: boolean;
  /** Whether a streamed chat completion ends with its usage. */
  includeUsage: boolean;
}

/** A chat completion request. Other fields are accepted and ignored. */
export const chatRequest = z
  .object({
    ...common,
    messages: conversation,
    stream_options: z.object({ include_usage: z.boolean().optional() }).nullish(),
  })
  .transform(
    ({ model, messages: prompt, stream, stream_options }): EchoRequest => ({
      model,
      prompt,
      stream: stream === true,
      includeUsage: stream_options?.include_usage === true,
    }),
  );

/** A Responses request. */
export const responsesRequest = z.object({ ...common, input: z.union([z.string(), conversation]) }).transform(
  ({ model, input: prompt, stream }): EchoRequest => ({
    model,
    prompt,
    stream: stream === true,
    includeUsage: true,
  }),
);
