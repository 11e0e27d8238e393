import type { Dispatcher } from 'undici';
import type { ProxiedCall } from './proxied-call.server';
import type { UpstreamRequest } from './route-call.server';
import type { Transport } from './transport';
import type { Upstream } from './upstream-pool.server';

/** Sends a request that is in hand whole, body included, over the upstream's keep-alive pool. */
export function sendWithUndici(
  call: ProxiedCall,
  upstream: Upstream,
  outgoing: UpstreamRequest,
  body: Buffer | null,
): void {
  if (call.over) return;
  const carrier = new UndiciTransport(call);
  call.setTransport(carrier);
  const { method, path, headers } = outgoing;
  // Spelled out, so that all of these have one shape: undici asks for a dozen options more.
  upstream.pool.dispatch({ method: method as Dispatcher.HttpMethod, path, headers, body }, carrier);
}

class UndiciTransport implements Transport, Dispatcher.DispatchHandler {
  readonly #call: ProxiedCall;
  #controller: Dispatcher.DispatchController | null = null;
  #aborted = false;

  constructor(call: ProxiedCall) {
    this.#call = call;
  }

  abort(): void {
    this.#aborted = true;
    this.#controller?.abort(new Error('the client has gone'));
  }

  pause(): void {
    this.#controller?.pause();
  }

  resume(): void {
    this.#controller?.resume();
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#aborted) this.abort();
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, _: unknown, reason = ''): void {
    const raw = text(controller.rawHeaders);
    // undici reads the reason as UTF-8; these are its bytes again, as Node writes them.
    const phrase = Buffer.from(reason).toString('latin1');
    if (status >= 100 && status < 200) {
      this.#call.inform(status, phrase, raw);
      return;
    }
    this.#call.head(status, phrase, raw);
    // An answer to a conditional request may name the length of the body it does not have.
    if (status === 304) this.#call.end([]);
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#call.data(chunk);
  }

  onResponseEnd(controller: Dispatcher.DispatchController): void {
    this.#call.end(text(controller.rawTrailers));
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.#call.fail(error);
  }
}

/** Header bytes as the text that Node writes back as the same bytes. */
function text(raw: Dispatcher.DispatchController['rawHeaders']): string[] {
  const texts: string[] = [];
  if (!Array.isArray(raw)) return texts;
  for (const part of raw) texts.push(typeof part === 'string' ? part : part.toString('latin1'));
  return texts;
}
