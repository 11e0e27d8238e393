import { z } from 'zod';

/** The one model that the built-in tool has. */
export const ECHO_MODEL = 'echo';

/** Longer than any name of a model; it is repeated in every event of a stream. */
const LONGEST_MODEL = 200;
/** Turns of a conversation, and parts of one turn: more than clients send. */
const MOST_ITEMS = 4096;

const items = z.array(z.unknown()).max(MOST_ITEMS);
const turn = z.object({ content: z.union([z.string(), items, z.null()]).optional() });
const part = z.object({ text: z.string().optional() });

/**
 * A conversation, read as the prompt: what the user said last. Nothing else is looked at, so that a body of
 * turns and parts by the thousand costs no more than another of its size.
 */
const conversation = items.min(1).transform((turns, context) => {
  const prompt = textOf(turns.findLast(isUsers) ?? turns.at(-1));
  if (prompt !== null) return prompt;
  context.addIssue({ code: 'custom', message: 'the last turn cannot be read' });
  return z.NEVER;
});

const isUsers = (given: unknown): boolean =>
  typeof given === 'object' && given !== null && 'role' in given && given.role === 'user';

/** What was said in a turn; null when it is none. */
function textOf(given: unknown): string | null {
  const { data } = turn.safeParse(given);
  if (data === undefined) return null;
  if (!Array.isArray(data.content)) return data.content ?? '';
  let text = '';
  for (const piece of data.content) {
    const read = part.safeParse(piece);
    if (!read.success) return null;
    text += read.data.text ?? '';
  }
  return text;
}

const common = {
  model: z.string().max(LONGEST_MODEL).default(ECHO_MODEL),
  stream: z.boolean().nullish(),
};

/** What the built-in tool has been asked. */
export interface EchoRequest {
  model: string;
  prompt: string;
  stream: boolean;
  /** Whether a streamed chat completion ends with its usage. */
  wantsUsage: boolean;
}

/** A chat completion request; what is not read here is accepted. */
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
      wantsUsage: stream_options?.include_usage === true,
    }),
  );

/** The same of a Responses request. */
export const responsesRequest = z.object({ ...common, input: z.union([z.string(), conversation]) }).transform(
  ({ model, input: prompt, stream }): EchoRequest => ({
    model,
    prompt,
    stream: stream === true,
    wantsUsage: true,
  }),
);
