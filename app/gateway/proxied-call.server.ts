import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ActiveCall } from './active-calls.server';
import { statusClass } from './call-metrics';
import { abortResponse, drainThenClose, keepAliveForBody } from './connection-close.server';
import type { GatewayErrorCode } from './error-catalogue';
import { headerPairs, headText, type RawHeaders, returnedHeaders } from './headers';
import type { Transport } from './transport';
import { failureCode, failureReason } from './upstream-failure.server';

const NOTHING = Buffer.alloc(0);

export interface ProxiedCallOptions {
  keyId: string;
  holderId: string;
  toolId: string;
  /** How long the upstream may take to begin its answer once it has all that the client has sent. */
  headersTimeoutMs: number;
  /** Headers that the client gets on top of the upstream's. */
  alsoReturned: RawHeaders;
  /** Answers with a refusal in the tool's dialect; `code` says how the upstream failed. */
  refuse(reason: GatewayErrorCode, code?: string): void;
  /** The upstream has broken off an answer that had begun, so that nobody can be told why. */
  onBroken(code: string): void;
  /** The call is over, however it ended. */
  onEnd(call: ProxiedCall): void;
}

/**
 * The client's side of one proxied call. A carrier tells it what the upstream answers; it passes that on as
 * it comes, ends the upstream's side when the client goes, and the client's when the upstream breaks.
 */
export class ProxiedCall implements ActiveCall {
  readonly keyId: string;
  readonly holderId: string;
  readonly toolId: string;
  readonly request: IncomingMessage;
  slot: number | null = null;
  /** What the metrics count; times of `performance.now()`. */
  readonly arrivedAt = performance.now();
  sentAt: number | null = null;
  answeredAt: number | null = null;
  /** How it ended: `refused`, `cut`, `broken`, `gone` (the client), or the class of the status, such as `2xx`. */
  outcome = 'gone';
  readonly #response: ServerResponse;
  readonly #options: ProxiedCallOptions;
  readonly #silence: NodeJS.Timeout;
  #carrier: Transport | null = null;
  /** Nothing more goes to the client: answered whole, refused, broken off or gone. */
  #over = false;
  #paused = false;
  /** The last bytes received in this turn; they go out when it ends, together with the end if that came. */
  #held: Buffer | null = null;
  #flushing = false;

  constructor(request: IncomingMessage, response: ServerResponse, options: ProxiedCallOptions) {
    this.keyId = options.keyId;
    this.holderId = options.holderId;
    this.toolId = options.toolId;
    this.request = request;
    this.#response = response;
    this.#options = options;
    this.#silence = setTimeout(() => this.refuse('upstream-silent'), options.headersTimeoutMs);
    response.sendDate = false; // the upstream's date is passed on, and none is made up
    // The request's own `close` comes when its body has been read: only the response tells that nobody waits.
    response.once('close', () => this.#close());
  }

  get over(): boolean {
    return this.#over;
  }

  /** From now on this carrier has the call, which is not over. */
  setTransport(carrier: Transport): void {
    this.sentAt = performance.now();
    this.#carrier = carrier;
  }

  /** More of the request has gone to the upstream: its time to answer starts anew. */
  progress(): void {
    if (!this.#over && !this.#response.headersSent) this.#silence.refresh();
  }

  /** An interim answer of the upstream, from 100 to 199. */
  inform(status: number, reason: string, raw: RawHeaders): void {
    const { socket } = this.#response;
    // A pipelined answer that is not yet its connection's turn has no socket; clients of 1.0 know no 1xx.
    if (this.#over || this.#response.headersSent || socket === null || this.request.httpVersionMinor === 0)
      return;
    if (socket.writableNeedDrain) return; // an upstream could fill the memory with what its client does not read
    socket.write(headText(status, reason, returnedHeaders(raw)), 'latin1');
  }

  /** The status line and headers of the answer. What is no status (an upstream may send 099) is a failure. */
  head(status: number, reason: string, raw: RawHeaders): void {
    if (this.#over) return;
    try {
      keepAliveForBody(this.request, this.#response);
      this.#response.writeHead(status, reason, returnedHeaders(raw).concat(this.#options.alsoReturned));
    } catch (error) {
      this.fail(error as Error);
      return;
    }
    this.answeredAt = performance.now();
    clearTimeout(this.#silence);
    this.#flushSoon();
  }

  /** Some of the answer's body. */
  data(chunk: Buffer): void {
    if (this.#over) return;
    if (this.#held !== null) this.#write(this.#held);
    this.#held = chunk;
    this.#flushSoon();
  }

  /** The answer is whole. */
  end(trailers: RawHeaders): void {
    if (this.#over) return;
    this.#over = true;
    this.outcome = statusClass(this.#response.statusCode);
    if (trailers.length > 0 && this.#response.chunkedEncoding)
      this.#response.addTrailers(headerPairs(returnedHeaders(trailers)));
    if (this.#held === null) this.#response.end();
    else this.#response.end(this.#held);
    this.#held = null;
    drainThenClose(this.request);
  }

  /** The upstream cannot be reached or has broken off. What began is broken too, never ended as if whole. */
  fail(error: Error): void {
    if (this.#over) return;
    const code = failureCode(error);
    if (this.#response.headersSent) this.#options.onBroken(code);
    this.refuse(failureReason(error), 'broken', code);
  }

  cut(reason: GatewayErrorCode): void {
    if (!this.#over) {
      this.refuse(reason, 'cut');
    } else if (!this.#response.writableFinished) {
      // Answered whole by the upstream, it is still on its way to a slow client.
      if (this.outcome !== 'refused') this.outcome = 'cut'; // a refusal has been counted
      abortResponse(this.request, this.#response);
    }
  }

  /** Ends the call: with this refusal, or by breaking the answer off if it has begun. */
  refuse(reason: GatewayErrorCode, onceBegun: 'broken' | 'cut' = 'broken', code?: string): void {
    if (this.#over) return;
    this.#over = true;
    this.outcome = this.#response.headersSent ? onceBegun : 'refused';
    clearTimeout(this.#silence);
    if (this.#response.headersSent) abortResponse(this.request, this.#response);
    else this.#options.refuse(reason, code);
    this.#carrier?.abort();
  }

  #close(): void {
    const whole = this.#over;
    this.#over = true;
    clearTimeout(this.#silence);
    this.#held = null;
    if (!whole) this.#carrier?.abort();
    this.#options.onEnd(this);
  }

  #write(chunk: Buffer): void {
    if (this.#response.write(chunk) || this.#paused) return;
    this.#paused = true;
    this.#carrier?.pause();
    this.#response.once('drain', () => this.#resume());
  }

  #resume(): void {
    this.#paused = false;
    this.#carrier?.resume();
  }

  #flushSoon(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    process.nextTick(() => this.#flush());
  }

  #flush(): void {
    this.#flushing = false;
    if (this.#over) return;
    // Not `flushHeaders`, which writes bytes beyond ASCII as UTF-8.
    this.#write(this.#held ?? NOTHING);
    this.#held = null;
  }
}
