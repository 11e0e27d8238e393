import type { Dispatcher } from 'undici';
import type { ProxiedCall } from './proxied-call.server';
import type { UpstreamRequest } from './route-call.server';
import type { Transport } from './transport';
import type { Upstream } from './upstream-pool.server';

/** Sends a complete request, body included, over the upstream's keep-alive pool. */
export function sendWithUndici(
  call: ProxiedCall,
  upstream: Upstream,
  outgoing: UpstreamRequest,
  body: Buffer | null,
): void {
  if (call.finished) return;
  const transport = new UndiciTransport(call);
  call.setTransport(transport);
  const { method, path, headers } = outgoing;
  // One literal, so all of these have the same shape: undici reads a dozen more options from it.
  upstream.pool.dispatch({ method: method as Dispatcher.HttpMethod, path, headers, body }, transport);
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
    this.#controller?.abort(new Error('call aborted'));
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

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    _: unknown,
    statusText = '',
  ): void {
    const raw = toLatin1(controller.rawHeaders);
    // undici decodes the status text as UTF-8, Node writes it as latin1.
    const rawStatusText = Buffer.from(statusText).toString('latin1');
    if (status >= 100 && status < 200) {
      this.#call.writeInformational(status, rawStatusText, raw);
      return;
    }
    this.#call.writeHead(status, rawStatusText, raw);
    // The response to a conditional request may contain the length of a body that it doesn't have.
    if (status === 304) this.#call.end([]);
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#call.write(chunk);
  }

  onResponseEnd(controller: Dispatcher.DispatchController): void {
    this.#call.end(toLatin1(controller.rawTrailers));
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.#call.fail(error);
  }
}

/** Decodes headers so that Node writes the same bytes again. */
function toLatin1(raw: Dispatcher.DispatchController['rawHeaders']): string[] {
  const decoded: string[] = [];
  if (!Array.isArray(raw)) return decoded;
  for (const value of raw) decoded.push(typeof value === 'string' ? value : value.toString('latin1'));
  return decoded;
}
