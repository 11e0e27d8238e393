import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { z } from 'zod';
import { chatRequest, ECHO_MODEL, type EchoRequest, responsesRequest } from './echo-requests';
import {
  chatCompletion,
  chatCompletionEvents,
  model,
  models,
  type ResponseIdentity,
  response,
  responseEvents,
} from './echo-responses';
import type { ProxiedCall } from './proxied-call.server';
import type { Transport } from './transport';

const BODY_LIMIT_BYTES = 1024 * 1024;
/** What all requests together may hold that have not arrived whole; a body is dropped once it has been read. */
const ARRIVING_LIMIT_BYTES = 64 * 1024 * 1024;
/** In characters. The answer holds it up to four times, each in an event of its own. */
const LONGEST_PROMPT = 32 * 1024;
/** Between two events of a stream, so that it looks like one. */
const PACE_MS = 15;
/** What is left of a stream by then goes out as fast as its client takes it. */
const LONGEST_STREAM_MS = 10_000;

/** The built-in tool: answers a call to one of its paths. */
export type AnswerEcho = (call: ProxiedCall, path: string, requestId: string, nowMs: number) => void;

/** One way to ask, and what is answered. */
interface Conversation {
  question: z.ZodType<EchoRequest>;
  whole(question: EchoRequest, occasion: ResponseIdentity): object;
  events(question: EchoRequest, occasion: ResponseIdentity): Generator<string>;
}

const CONVERSATIONS: Record<string, Conversation> = {
  'POST /v1/chat/completions': {
    question: chatRequest,
    whole: chatCompletion,
    events: chatCompletionEvents,
  },
  'POST /v1/responses': { question: responsesRequest, whole: response, events: responseEvents },
};

/** The built-in tool, which answers like an OpenAI-compatible provider whose model repeats the prompt. */
export function createEchoTool(): AnswerEcho {
  const arriving: Arriving = { bytes: 0 };
  return (call, path, requestId, nowMs) => {
    const echo = new Echo(call, arriving, requestId, nowMs);
    call.setTransport(echo);
    const occasion = { id: randomUUID().replaceAll('-', ''), createdAt: Math.floor(nowMs / 1000) };
    const method = call.request.method === 'HEAD' ? 'GET' : call.request.method;
    const asked = `${method} ${path}`;
    const conversation = CONVERSATIONS[asked];
    if (conversation !== undefined) echo.converse(conversation, occasion);
    else if (asked === 'GET /v1/models') echo.json(models(occasion.createdAt));
    else if (asked === `GET /v1/models/${ECHO_MODEL}`) echo.json(model(occasion.createdAt));
    else call.refuse('no-such-call');
  };
}

/** How many bytes of bodies are held by requests that have not arrived whole. */
interface Arriving {
  bytes: number;
}

/** Carries an answer made here, with the same backpressure and the same end as one from far away. */
class Echo implements Transport {
  readonly #call: ProxiedCall;
  readonly #arriving: Arriving;
  readonly #requestId: string;
  readonly #date: string;
  #chunks: Buffer[] = [];
  #size = 0;
  #timer: NodeJS.Timeout | undefined;
  #paused = false;
  #next: (() => void) | null = null;

  constructor(call: ProxiedCall, arriving: Arriving, requestId: string, nowMs: number) {
    this.#call = call;
    this.#arriving = arriving;
    this.#requestId = requestId;
    this.#date = new Date(nowMs).toUTCString();
  }

  abort(): void {
    clearTimeout(this.#timer);
    this.#next = null;
    this.#dropBody();
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#next?.();
  }

  /** Reads the body as JSON and answers what it asks. */
  converse(conversation: Conversation, occasion: ResponseIdentity): void {
    const { request } = this.#call;
    if (request.headers.expect !== undefined) this.#call.inform(100, 'Continue', []);
    request.on('data', (chunk: Buffer) => this.#receive(chunk));
    request.once('end', () => {
      if (this.#call.over) return;
      const body = parseJson(Buffer.concat(this.#chunks));
      this.#dropBody();
      this.#answer(conversation, body, occasion);
    });
  }

  json(body: object): void {
    const bytes = Buffer.from(JSON.stringify(body));
    this.#head(['content-type', 'application/json', 'content-length', String(bytes.length)]);
    if (this.#call.request.method !== 'HEAD') this.#call.data(bytes);
    this.#call.end([]);
  }

  #receive(chunk: Buffer): void {
    if (this.#call.over) return; // refused; the rest is read and dropped
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    this.#arriving.bytes += chunk.length;
    if (this.#size > BODY_LIMIT_BYTES) this.#call.refuse('body-too-large');
    else if (this.#arriving.bytes > ARRIVING_LIMIT_BYTES) this.#call.refuse('tool-busy');
  }

  #dropBody(): void {
    this.#chunks = [];
    this.#arriving.bytes -= this.#size;
    this.#size = 0;
  }

  #answer({ question, whole, events }: Conversation, body: unknown, occasion: ResponseIdentity): void {
    const { data } = question.safeParse(body);
    if (data === undefined) this.#call.refuse('body-not-json');
    else if (data.prompt.length > LONGEST_PROMPT) this.#call.refuse('body-too-large');
    else if (data.stream) this.#stream(events(data, occasion));
    else this.json(whole(data, occasion));
  }

  /** Makes each event when it is its turn and the client has taken those before it. */
  #stream(events: Iterator<string>): void {
    this.#head(['content-type', 'text/event-stream; charset=utf-8', 'cache-control', 'no-cache']);
    const hurriesAt = performance.now() + LONGEST_STREAM_MS;
    this.#next = () => {
      clearTimeout(this.#timer);
      while (!this.#paused) {
        const { value, done } = events.next();
        if (done) {
          this.#next = null;
          this.#call.end([]);
          return;
        }
        this.#call.data(Buffer.from(value));
        if (performance.now() >= hurriesAt) continue;
        this.#timer = setTimeout(() => this.#next?.(), PACE_MS);
        return;
      }
    };
    this.#next();
  }

  #head(headers: string[]): void {
    const common = ['x-request-id', this.#requestId, 'date', this.#date];
    this.#call.head(200, STATUS_CODES[200] ?? '', [...headers, ...common]);
  }
}

/** Undefined for what is no JSON. */
function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}
