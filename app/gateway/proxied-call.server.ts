import type { IncomingMessage, ServerResponse } from 'node:http';
import { statusClass } from './call-metrics';
import { abortResponse, drainThenClose, keepAliveForBody } from './connection-close.server';
import type { GatewayErrorReason } from './error-catalogue';
import { hasKeyParameter } from './extract-keys';
import { GatewayCall } from './gateway-call';
import type { GatewayContext } from './gateway-context';
import { formatHead, headerPairs, type RawHeaders, responseHeadersToForward } from './headers';
import type { RoutedKey } from './key-records';
import type { RequestTarget } from './request-target';
import { sendError } from './send-error.server';
import type { Transport } from './transport';
import { systemErrorCode, upstreamErrorReason } from './upstream-failure.server';

const EMPTY = Buffer.alloc(0);

/**
 * Prevents cross-site scripting: in a browser, upstream responses have this server's origin, so a script in one would
 * act as the signed-in user. A link can only present a key in its query, so those responses are sandboxed.
 */
const SANDBOX_HEADERS = ['Content-Security-Policy', 'sandbox'];

/**
 * The client's side of one proxied call. A transport reports the upstream's response here, which is forwarded as it
 * arrives. When the client disconnects, the upstream exchange is aborted; when the upstream breaks, the client's
 * connection is.
 */
export class ProxiedCall extends GatewayCall {
  readonly #response: ServerResponse;
  readonly #headersTimer: NodeJS.Timeout;
  #transport: Transport | null = null;
  #finished = false;
  #paused = false;
  /** The last chunk received in this tick. It is written at the end of the tick, together with the end if that came. */
  #pendingChunk: Buffer | null = null;
  #flushScheduled = false;

  constructor(
    context: GatewayContext,
    request: IncomingMessage,
    response: ServerResponse,
    target: RequestTarget,
    key: RoutedKey,
  ) {
    super(context, request, target, key);
    this.#response = response;
    this.#headersTimer = setTimeout(() => this.endWithError('upstream-timeout'), key.headersTimeoutMs);
    response.sendDate = false; // the upstream's date is forwarded
    // Not the request's `close`, which comes when its body has been read.
    response.once('close', () => this.#onClose());
  }

  /** Whether nothing more goes to the client: the response is complete, an error, broken off, or has no reader. */
  get finished(): boolean {
    return this.#finished;
  }

  /** Hands the call, which must not be finished, to a transport. */
  setTransport(transport: Transport): void {
    this.sentAt = performance.now();
    this.#transport = transport;
  }

  /** To be called when more of the request has been sent upstream. */
  restartHeadersTimeout(): void {
    if (!this.#finished && !this.#response.headersSent) this.#headersTimer.refresh();
  }

  /** Forwards a response with a status from 100 to 199. */
  writeInformational(status: number, statusText: string, raw: RawHeaders): void {
    const { socket } = this.#response;
    // A pipelined response has no socket before its turn. HTTP/1.0 clients don't know 1xx.
    if (
      this.#finished ||
      this.#response.headersSent ||
      socket === null ||
      this.request.httpVersionMinor === 0
    )
      return;
    if (socket.writableNeedDrain) return; // or an upstream could fill the memory if its client doesn't read
    socket.write(formatHead(status, statusText, responseHeadersToForward(raw)), 'latin1');
  }

  /** Forwards the status line and headers. A status that Node rejects, such as 099, is an upstream failure. */
  writeHead(status: number, statusText: string, raw: RawHeaders): void {
    if (this.#finished) return;
    try {
      keepAliveForBody(this.request, this.#response);
      const headers = responseHeadersToForward(raw);
      if (hasKeyParameter(this.target.query)) headers.push(...SANDBOX_HEADERS);
      this.#response.writeHead(status, statusText, headers);
    } catch (error) {
      this.fail(error as Error);
      return;
    }
    this.respondedAt = performance.now();
    clearTimeout(this.#headersTimer);
    this.#scheduleFlush();
  }

  /** Forwards a chunk of the response body. */
  write(chunk: Buffer): void {
    if (this.#finished) return;
    if (this.#pendingChunk !== null) this.#writeNow(this.#pendingChunk);
    this.#pendingChunk = chunk;
    this.#scheduleFlush();
  }

  /** Completes the response. */
  end(trailers: RawHeaders): void {
    if (this.#finished) return;
    this.#finished = true;
    this.outcome = statusClass(this.#response.statusCode);
    if (trailers.length > 0 && this.#response.chunkedEncoding)
      this.#response.addTrailers(headerPairs(responseHeadersToForward(trailers)));
    if (this.#pendingChunk === null) this.#response.end();
    else this.#response.end(this.#pendingChunk);
    this.#pendingChunk = null;
    drainThenClose(this.request);
  }

  /** To be called when the upstream can't be reached or breaks off. A response that has begun is never completed. */
  fail(error: Error): void {
    if (this.#finished) return;
    const code = systemErrorCode(error);
    if (this.#response.headersSent) this.logUpstreamBroken(code);
    this.endWithError(upstreamErrorReason(error), 'upstream-broken', code);
  }

  abort(reason: GatewayErrorReason): void {
    if (!this.#finished) {
      this.endWithError(reason, 'aborted');
    } else if (!this.#response.writableFinished) {
      // The upstream has completed its response, but a slow client is still receiving it.
      if (this.outcome !== 'refused') this.outcome = 'aborted';
      abortResponse(this.request, this.#response);
    }
  }

  /**
   * Ends the call with an error, or by breaking the connection if the response has begun.
   *
   * @param outcomeOnceBegun what the metrics count in the second case.
   */
  endWithError(
    reason: GatewayErrorReason,
    outcomeOnceBegun: 'upstream-broken' | 'aborted' = 'upstream-broken',
    code?: string,
  ): void {
    if (this.#finished) return;
    this.#finished = true;
    this.outcome = this.#response.headersSent ? outcomeOnceBegun : 'refused';
    clearTimeout(this.#headersTimer);
    if (this.#response.headersSent) abortResponse(this.request, this.#response);
    else sendError(this.request, this.#response, this.renderError(reason, code));
    this.#transport?.abort();
  }

  #onClose(): void {
    const wasFinished = this.#finished;
    this.#finished = true;
    clearTimeout(this.#headersTimer);
    this.#pendingChunk = null;
    if (!wasFinished) this.#transport?.abort();
    this.finish();
  }

  #writeNow(chunk: Buffer): void {
    if (this.#response.write(chunk) || this.#paused) return;
    this.#paused = true;
    this.#transport?.pause();
    this.#response.once('drain', () => this.#resume());
  }

  #resume(): void {
    this.#paused = false;
    this.#transport?.resume();
  }

  #scheduleFlush(): void {
    if (this.#flushScheduled) return;
    this.#flushScheduled = true;
    process.nextTick(() => this.#flush());
  }

  #flush(): void {
    this.#flushScheduled = false;
    if (this.#finished) return;
    // Not `flushHeaders`, which writes non-ASCII header bytes as UTF-8.
    this.#writeNow(this.#pendingChunk ?? EMPTY);
    this.#pendingChunk = null;
  }
}
