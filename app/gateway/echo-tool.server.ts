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
/** Limits the memory of all incomplete bodies together; a complete body is parsed and dropped. */
const INCOMPLETE_LIMIT_BYTES = 64 * 1024 * 1024;
/** In characters. A response contains the prompt up to four times. */
const MAX_PROMPT_LENGTH = 32 * 1024;
/** Delay between two events, so that clients show a stream. */
const EVENT_INTERVAL_MS = 15;
/** After this time, the rest of a stream is sent without delays. */
const MAX_DELAYED_MS = 10_000;

/** Responds to a call to the built-in tool. */
export type AnswerEcho = (call: ProxiedCall, path: string, requestId: string, nowMs: number) => void;

/** An endpoint that generates a response. */
interface Endpoint {
  schema: z.ZodType<EchoRequest>;
  response(request: EchoRequest, identity: ResponseIdentity): object;
  events(request: EchoRequest, identity: ResponseIdentity): Generator<string>;
}

const ENDPOINTS: Record<string, Endpoint> = {
  'POST /v1/chat/completions': {
    schema: chatRequest,
    response: chatCompletion,
    events: chatCompletionEvents,
  },
  'POST /v1/responses': { schema: responsesRequest, response, events: responseEvents },
};

/** The built-in tool: an OpenAI-compatible provider whose model repeats the prompt. */
export function createEchoTool(): AnswerEcho {
  const incomplete: IncompleteBodies = { bytes: 0 };
  return (call, path, requestId, nowMs) => {
    const echo = new EchoTransport(call, incomplete, requestId, nowMs);
    call.setTransport(echo);
    const identity = { id: randomUUID().replaceAll('-', ''), createdAt: Math.floor(nowMs / 1000) };
    const method = call.request.method === 'HEAD' ? 'GET' : call.request.method;
    const operation = `${method} ${path}`;
    const endpoint = ENDPOINTS[operation];
    if (endpoint !== undefined) echo.generate(endpoint, identity);
    else if (operation === 'GET /v1/models') echo.sendJson(models(identity.createdAt));
    else if (operation === `GET /v1/models/${ECHO_MODEL}`) echo.sendJson(model(identity.createdAt));
    else call.endWithError('unsupported-endpoint');
  };
}

/** How many bytes of incomplete bodies are in memory. */
interface IncompleteBodies {
  bytes: number;
}

/** Generates the response, with the same backpressure as an upstream's. */
class EchoTransport implements Transport {
  readonly #call: ProxiedCall;
  readonly #incomplete: IncompleteBodies;
  readonly #requestId: string;
  readonly #date: string;
  #chunks: Buffer[] = [];
  #size = 0;
  #timer: NodeJS.Timeout | undefined;
  #paused = false;
  #sendEvents: (() => void) | null = null;

  constructor(call: ProxiedCall, incomplete: IncompleteBodies, requestId: string, nowMs: number) {
    this.#call = call;
    this.#incomplete = incomplete;
    this.#requestId = requestId;
    this.#date = new Date(nowMs).toUTCString();
  }

  abort(): void {
    clearTimeout(this.#timer);
    this.#sendEvents = null;
    this.#dropBody();
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#sendEvents?.();
  }

  /** Responds to the request in the body. */
  generate(endpoint: Endpoint, identity: ResponseIdentity): void {
    const { request } = this.#call;
    if (request.headers.expect !== undefined) this.#call.writeInformational(100, 'Continue', []);
    request.on('data', (chunk: Buffer) => this.#receive(chunk));
    request.once('end', () => {
      if (this.#call.finished) return;
      const body = parseJson(Buffer.concat(this.#chunks));
      this.#dropBody();
      this.#respond(endpoint, body, identity);
    });
  }

  sendJson(body: object): void {
    const bytes = Buffer.from(JSON.stringify(body));
    this.#writeHead(['content-type', 'application/json', 'content-length', String(bytes.length)]);
    if (this.#call.request.method !== 'HEAD') this.#call.write(bytes);
    this.#call.end([]);
  }

  #receive(chunk: Buffer): void {
    if (this.#call.finished) return; // an error was sent; the rest is read and dropped
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    this.#incomplete.bytes += chunk.length;
    if (this.#size > BODY_LIMIT_BYTES) this.#call.endWithError('body-too-large');
    else if (this.#incomplete.bytes > INCOMPLETE_LIMIT_BYTES)
      this.#call.endWithError('tool-concurrency-limit');
  }

  #dropBody(): void {
    this.#chunks = [];
    this.#incomplete.bytes -= this.#size;
    this.#size = 0;
  }

  #respond({ schema, response: respond, events }: Endpoint, body: unknown, identity: ResponseIdentity): void {
    const { data } = schema.safeParse(body);
    if (data === undefined) this.#call.endWithError('invalid-body');
    else if (data.prompt.length > MAX_PROMPT_LENGTH) this.#call.endWithError('body-too-large');
    else if (data.stream) this.#stream(events(data, identity));
    else this.sendJson(respond(data, identity));
  }

  /** Generates each event only when the client has received the previous ones. */
  #stream(events: Iterator<string>): void {
    this.#writeHead(['content-type', 'text/event-stream; charset=utf-8', 'cache-control', 'no-cache']);
    const delayedUntil = performance.now() + MAX_DELAYED_MS;
    this.#sendEvents = () => {
      clearTimeout(this.#timer);
      while (!this.#paused) {
        const { value, done } = events.next();
        if (done) {
          this.#sendEvents = null;
          this.#call.end([]);
          return;
        }
        this.#call.write(Buffer.from(value));
        if (performance.now() >= delayedUntil) continue;
        this.#timer = setTimeout(() => this.#sendEvents?.(), EVENT_INTERVAL_MS);
        return;
      }
    };
    this.#sendEvents();
  }

  #writeHead(headers: string[]): void {
    const common = ['x-request-id', this.#requestId, 'date', this.#date];
    this.#call.writeHead(200, STATUS_CODES[200] ?? '', [...headers, ...common]);
  }
}

/** Returns undefined for invalid JSON. */
function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}
