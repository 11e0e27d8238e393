import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Call, Carrier } from './call.server';
import { openai } from './dialects/openai';
import {
  chatCompletion,
  chatCompletionEvents,
  chatRequest,
  ECHO_MODEL,
  model,
  models,
  type Occasion,
  response,
  responseEvents,
  responsesRequest,
} from './echo-answers';
import { type WireReason, wireRefusals } from './refusals';

const BODY_LIMIT_BYTES = 1024 * 1024;
/** Between two events of a stream, so that it looks like one; a long answer hurries. */
const PACE_MS = 15;
const LONGEST_STREAM_MS = 10_000;

type EchoRefusal = Extract<WireReason, 'no-such-call' | 'body-too-large' | 'body-not-json'>;

/** The built-in tool: answers like an OpenAI-compatible provider whose model repeats the prompt. */
export function answerEcho(call: Call, path: string, requestId: string, nowMs: number): void {
  const echo = new Echo(call, requestId, nowMs);
  call.carriedBy(echo);
  const occasion: Occasion = {
    id: randomUUID().replaceAll('-', ''),
    createdAt: Math.floor(nowMs / 1000),
  };
  const method = call.request.method === 'HEAD' ? 'GET' : call.request.method;
  switch (`${method} ${path}`) {
    case 'GET /v1/models':
      echo.json(200, models(occasion.createdAt));
      break;
    case `GET /v1/models/${ECHO_MODEL}`:
      echo.json(200, model(occasion.createdAt));
      break;
    case 'POST /v1/chat/completions':
      echo.converse((body) => {
        const { success, data } = chatRequest.safeParse(body);
        if (!success) return null;
        return data.stream ? chatCompletionEvents(data, occasion) : chatCompletion(data, occasion);
      });
      break;
    case 'POST /v1/responses':
      echo.converse((body) => {
        const { success, data } = responsesRequest.safeParse(body);
        if (!success) return null;
        return data.stream ? responseEvents(data, occasion) : response(data, occasion);
      });
      break;
    default:
      echo.refuse('no-such-call');
  }
}

/** Carries an answer made here, with the same backpressure and the same end as one from far away. */
class Echo implements Carrier {
  readonly #call: Call;
  readonly #requestId: string;
  readonly #date: string;
  #timer: NodeJS.Timeout | undefined;
  #paused = false;
  #next: (() => void) | null = null;

  constructor(call: Call, requestId: string, nowMs: number) {
    this.#call = call;
    this.#requestId = requestId;
    this.#date = new Date(nowMs).toUTCString();
  }

  abort(): void {
    clearTimeout(this.#timer);
    this.#next = null;
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#next?.();
  }

  /** Reads the body as JSON and answers what `answer` makes of it: an object, events, or null for a bad one. */
  converse(answer: (body: unknown) => object | Generator<string> | null): void {
    const { request } = this.#call;
    if (request.headers.expect !== undefined) this.#call.inform(100, 'Continue', []);
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= BODY_LIMIT_BYTES) chunks.push(chunk);
      else this.refuse('body-too-large');
    });
    request.once('end', () => {
      if (this.#call.over) return;
      const answered = answer(parseJson(Buffer.concat(chunks).toString('utf8')));
      if (answered === null) this.refuse('body-not-json');
      else if (Symbol.iterator in answered) this.#stream([...(answered as Generator<string>)]);
      else this.json(200, answered);
    });
  }

  json(status: number, body: object): void {
    const bytes = Buffer.from(JSON.stringify(body));
    this.#head(status, ['content-type', 'application/json', 'content-length', String(bytes.length)]);
    if (this.#call.request.method !== 'HEAD') this.#call.data(bytes);
    this.#call.end([]);
  }

  refuse(reason: EchoRefusal): void {
    const { status, words } = wireRefusals[reason];
    const message = words({ origin: '', tool: 'Echo', keysTool: 'Echo', revokedAt: null });
    this.json(status, openai.refusalBody({ status, reason, message, requestId: this.#requestId }));
  }

  #stream(events: string[]): void {
    this.#head(200, ['content-type', 'text/event-stream; charset=utf-8', 'cache-control', 'no-cache']);
    const pace = Math.min(PACE_MS, LONGEST_STREAM_MS / events.length);
    let index = 0;
    this.#next = () => {
      clearTimeout(this.#timer);
      if (this.#paused) return;
      const event = events[index++];
      if (event === undefined) {
        this.#call.end([]);
        return;
      }
      this.#call.data(Buffer.from(event));
      this.#timer = setTimeout(() => this.#next?.(), pace);
    };
    this.#next();
  }

  #head(status: number, headers: string[]): void {
    const common = ['x-request-id', this.#requestId, 'date', this.#date];
    this.#call.head(status, STATUS_CODES[status] ?? '', [...headers, ...common]);
  }
}

/** Undefined for what is no JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
