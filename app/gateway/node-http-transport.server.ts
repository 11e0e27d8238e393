import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { forwardedHeaders, headerPairs } from './headers';
import type { ProxiedCall } from './proxied-call.server';
import type { UpstreamRequest } from './route-call.server';
import type { Transport } from './transport';
import { ConnectTimeoutError } from './upstream-failure.server';
import { CONNECT_TIMEOUT_MS, MAX_RESPONSE_HEADER_BYTES, type Upstream } from './upstream-pool.server';

/**
 * Sends a request whose body is still on its way, through Node's own client: unlike undici it can send the
 * headers before the first byte of the body, ask with `Expect: 100-continue`, and send trailers.
 *
 * @param first what has arrived of the body.
 */
export function sendWithNodeHttp(
  call: ProxiedCall,
  upstream: Upstream,
  outgoing: UpstreamRequest,
  first: Buffer | null,
): void {
  if (call.over) return;
  try {
    const carrier = new NodeHttpTransport(call, openRequest(upstream, outgoing), outgoing.credentialHeader);
    call.setTransport(carrier);
    carrier.send(first);
  } catch (error) {
    call.fail(error as Error); // a header or path that Node does not send
  }
}

/** A request through Node's own client; its headers have not left yet. */
export function openRequest(
  { host, socket }: Upstream,
  { method, path, headers }: UpstreamRequest,
): ClientRequest {
  const open = socket.protocol === 'https:' ? httpsRequest : httpRequest;
  const request = open({
    ...socket,
    method,
    path,
    headers: ['host', host, ...headers],
    maxHeaderSize: MAX_RESPONSE_HEADER_BYTES,
  });
  giveUpConnecting(request, socket.protocol === 'https:' ? 'secureConnect' : 'connect');
  return request;
}

/** Node's client waits for a connection for as long as the system does, which is minutes; undici knows a limit. */
function giveUpConnecting(request: ClientRequest, connected: 'connect' | 'secureConnect'): void {
  request.once('socket', (socket) => {
    if (request.reusedSocket) return;
    const timer = setTimeout(() => request.destroy(new ConnectTimeoutError()), CONNECT_TIMEOUT_MS);
    const stop = () => clearTimeout(timer);
    socket.once(connected, stop);
    request.once('close', stop);
  });
}

class NodeHttpTransport implements Transport {
  readonly #call: ProxiedCall;
  readonly #upstream: ClientRequest;
  readonly #credentialHeader: string | null;
  #answer: IncomingMessage | null = null;
  #stopped = false;
  #writing = false;
  #ended = false;

  constructor(call: ProxiedCall, upstream: ClientRequest, credentialHeader: string | null) {
    this.#call = call;
    this.#upstream = upstream;
    this.#credentialHeader = credentialHeader;
    upstream.on('error', (error) => this.#call.fail(error));
    upstream.on('information', ({ statusCode, statusMessage, rawHeaders }) =>
      call.inform(statusCode, statusMessage, rawHeaders),
    );
    upstream.once('upgrade', (_, socket) => {
      socket.destroy(); // nobody has asked for one
      call.fail(new Error('the upstream upgraded unasked'));
    });
    upstream.once('response', (answer) => this.#receive(answer));
  }

  abort(): void {
    this.#stopped = true;
    this.#upstream.destroy();
  }

  pause(): void {
    this.#answer?.pause();
  }

  resume(): void {
    this.#answer?.resume();
  }

  /** Sends the headers at once, then the body as it comes. */
  send(first: Buffer | null): void {
    const { request } = this.#call;
    this.#upstream.flushHeaders();
    request.on('data', (chunk: Buffer) => {
      if (this.#stopped) return;
      request.pause();
      this.#writing = true;
      afterReading(() => this.#write(chunk));
    });
    // Pausing does not hold back the end, which must not overtake the last piece.
    request.once('end', () => {
      this.#ended = true;
      if (!this.#writing) this.#finish();
    });
    if (first === null) request.resume();
    else this.#write(first);
  }

  #write(chunk: Buffer): void {
    this.#writing = false;
    if (this.#stopped) {
      // What is left has to be read and dropped, or the client is stuck with an answer that it cannot see.
      this.#call.request.resume();
      return;
    }
    this.#call.progress();
    const taken = this.#upstream.write(chunk);
    if (this.#ended) this.#finish();
    else if (taken) this.#call.request.resume();
    else this.#upstream.once('drain', () => this.#call.request.resume());
  }

  #finish(): void {
    if (this.#stopped) return;
    const { rawTrailers } = this.#call.request;
    const trailers = forwardedHeaders(rawTrailers, this.#credentialHeader);
    if (trailers.length > 0) this.#upstream.addTrailers(headerPairs(trailers));
    this.#upstream.end();
  }

  #receive(answer: IncomingMessage): void {
    this.#answer = answer;
    this.#call.head(answer.statusCode ?? 502, answer.statusMessage ?? '', answer.rawHeaders);
    // Who refuses and closes does not read the rest, and writing on would cost the answer.
    const closes = /\bclose\b/i.test(answer.headers.connection ?? '');
    if ((answer.statusCode ?? 0) >= 400 && closes) this.#stopSending();
    answer.on('data', (chunk: Buffer) => this.#call.data(chunk));
    answer.once('end', () => {
      this.#call.end(answer.rawTrailers);
      // The rest of the body has nowhere to go, and half a request spoils its connection.
      if (!this.#upstream.writableEnded) this.abort();
    });
    answer.on('error', (error) => this.#call.fail(error));
  }

  #stopSending(): void {
    this.#stopped = true;
    this.#call.request.resume();
  }
}

/**
 * Runs `write` once the event loop has read twice. An upstream that answers early and hangs up resets the
 * connection; whatever of its answer was not read before the next write fails is lost.
 */
function afterReading(write: () => void): void {
  setImmediate(() => setImmediate(write));
}
