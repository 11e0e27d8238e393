import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { headerPairs, requestHeadersToForward } from './headers';
import type { ProxiedCall } from './proxied-call.server';
import type { UpstreamRequest } from './route-call.server';
import type { Transport } from './transport';
import { ConnectTimeoutError } from './upstream-failure.server';
import { CONNECT_TIMEOUT_MS, MAX_RESPONSE_HEADER_BYTES, type Upstream } from './upstream-pool.server';

/**
 * Streams a request whose body is still arriving. Unlike undici, Node's client can send the headers before the first
 * byte of the body, `Expect: 100-continue`, and trailers.
 *
 * @param firstChunk what has arrived of the body.
 */
export function sendWithNodeHttp(
  call: ProxiedCall,
  upstream: Upstream,
  outgoing: UpstreamRequest,
  firstChunk: Buffer | null,
): void {
  if (call.finished) return;
  try {
    const transport = new NodeHttpTransport(call, openRequest(upstream, outgoing), outgoing.credentialHeader);
    call.setTransport(transport);
    transport.send(firstChunk);
  } catch (error) {
    call.fail(error as Error); // Node rejects the path or a header
  }
}

/** Creates a request through Node's client. Its headers aren't sent yet. */
export function openRequest(
  { host, nodeHttp }: Upstream,
  { method, path, headers }: UpstreamRequest,
): ClientRequest {
  const isHttps = nodeHttp.protocol === 'https:';
  const request = (isHttps ? httpsRequest : httpRequest)({
    ...nodeHttp,
    method,
    path,
    headers: ['host', host, ...headers],
    maxHeaderSize: MAX_RESPONSE_HEADER_BYTES,
  });
  setConnectTimeout(request, isHttps ? 'secureConnect' : 'connect');
  return request;
}

/** Node's client has no connect timeout of its own; the system's takes minutes. */
function setConnectTimeout(request: ClientRequest, connected: 'connect' | 'secureConnect'): void {
  request.once('socket', (socket) => {
    if (request.reusedSocket) return;
    const timer = setTimeout(() => request.destroy(new ConnectTimeoutError()), CONNECT_TIMEOUT_MS);
    const clear = () => clearTimeout(timer);
    socket.once(connected, clear);
    request.once('close', clear);
  });
}

class NodeHttpTransport implements Transport {
  readonly #call: ProxiedCall;
  readonly #upstream: ClientRequest;
  readonly #credentialHeader: string | null;
  #response: IncomingMessage | null = null;
  /** The rest of the client's body is read and dropped. */
  #sendingStopped = false;
  #writePending = false;
  #bodyEnded = false;

  constructor(call: ProxiedCall, upstream: ClientRequest, credentialHeader: string | null) {
    this.#call = call;
    this.#upstream = upstream;
    this.#credentialHeader = credentialHeader;
    upstream.on('error', (error) => this.#call.fail(error));
    upstream.on('information', ({ statusCode, statusMessage, rawHeaders }) =>
      call.writeInformational(statusCode, statusMessage, rawHeaders),
    );
    upstream.once('upgrade', (_, socket) => {
      socket.destroy();
      call.fail(new Error('unrequested upgrade'));
    });
    upstream.once('response', (response) => this.#receive(response));
  }

  abort(): void {
    this.#sendingStopped = true;
    this.#upstream.destroy();
  }

  pause(): void {
    this.#response?.pause();
  }

  resume(): void {
    this.#response?.resume();
  }

  /** Sends the headers immediately, then the body as it arrives. */
  send(firstChunk: Buffer | null): void {
    const { request } = this.#call;
    this.#upstream.flushHeaders();
    request.on('data', (chunk: Buffer) => {
      if (this.#sendingStopped) return;
      request.pause();
      this.#writePending = true;
      afterReading(() => this.#write(chunk));
    });
    // `pause` doesn't delay the end, which must not overtake the last chunk.
    request.once('end', () => {
      this.#bodyEnded = true;
      if (!this.#writePending) this.#finish();
    });
    if (firstChunk === null) request.resume();
    else this.#write(firstChunk);
  }

  #write(chunk: Buffer): void {
    this.#writePending = false;
    if (this.#sendingStopped) {
      // Read and drop the rest: a client that is still sending doesn't read the response.
      this.#call.request.resume();
      return;
    }
    this.#call.restartHeadersTimeout();
    const hasCapacity = this.#upstream.write(chunk);
    if (this.#bodyEnded) this.#finish();
    else if (hasCapacity) this.#call.request.resume();
    else this.#upstream.once('drain', () => this.#call.request.resume());
  }

  #finish(): void {
    if (this.#sendingStopped) return;
    const { rawTrailers } = this.#call.request;
    const trailers = requestHeadersToForward(rawTrailers, this.#credentialHeader);
    if (trailers.length > 0) this.#upstream.addTrailers(headerPairs(trailers));
    this.#upstream.end();
  }

  #receive(response: IncomingMessage): void {
    this.#response = response;
    const { statusCode = 502, statusMessage = '', headers, rawHeaders } = response;
    this.#call.writeHead(statusCode, statusMessage, rawHeaders);
    // An upstream that rejects the request and closes doesn't read the rest, and writing on would lose the response.
    if (statusCode >= 400 && /\bclose\b/i.test(headers.connection ?? '')) {
      this.#sendingStopped = true;
      this.#call.request.resume();
    }
    response.on('data', (chunk: Buffer) => this.#call.write(chunk));
    response.once('end', () => {
      this.#call.end(response.rawTrailers);
      // A connection with half a request on it can't be reused.
      if (!this.#upstream.writableEnded) this.abort();
    });
    response.on('error', (error) => this.#call.fail(error));
  }
}

/**
 * Runs `write` after the event loop has read twice. An upstream that responds early and closes resets the connection;
 * what was not read of its response before the next write fails is lost.
 */
function afterReading(write: () => void): void {
  setImmediate(() => setImmediate(write));
}
