import type { ClientRequest, IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ActiveCall } from './active-calls.server';
import { type FinishedCall, statusClass } from './call-metrics';
import { closeSocket } from './connection-close.server';
import type { GatewayErrorCode } from './error-catalogue';
import { announcesBody, headText, type RawHeaders, returnedHeaders } from './headers';
import type { RoutedKey } from './key-records';
import { openRequest } from './node-http-transport.server';
import { pipeSockets } from './pipe-sockets.server';
import type { ProxyParts } from './proxy-endpoint.server';
import type { RequestTarget } from './request-target';
import { sendErrorOnSocket } from './send-error.server';
import { failureCode, failureReason } from './upstream-failure.server';

/** What a client may send ahead of the answer, as none should; more is read when there is somebody to take it. */
const MOST_EARLY_BYTES = 64 * 1024;

/**
 * Does this request ask for a WebSocket (RFC 6455, 4.1)? A request with a body does not: its length would go out and
 * the body would not, and the upstream would take for it what comes next on that connection, somebody else's call.
 */
export function isWebSocketUpgrade({ method, headers }: IncomingMessage): boolean {
  return method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket' && !announcesBody(headers);
}

/** Upgraded connections (WebSocket): the same check, the same headers, and then bytes both ways. */
export function createWebSocketEndpoint({ admit, gate, calls, meter }: ProxyParts) {
  return (request: IncomingMessage, socket: Duplex, head: Buffer, target: RequestTarget): void => {
    const admission = admit(request, target);
    if (!admission.ok || admission.destination === null) {
      sendErrorOnSocket(
        socket,
        admission.ok ? gate.gatewayError(request, 'no-such-call', target) : admission,
      );
      return;
    }
    const { key, destination } = admission;
    const { upstream, outgoing } = destination;
    outgoing.headers.push('connection', 'Upgrade', 'upgrade', request.headers.upgrade ?? '');
    const call = new WebSocketCall(key, socket, head, openRequest(upstream, outgoing), {
      refuse: (reason, code) => sendErrorOnSocket(socket, gate.gatewayError(request, reason, target, code)),
      onBroken: (code) => gate.logBrokenResponse(request, target.slug, code),
      onEnd(ended) {
        calls.remove(ended);
        meter.ended(target.slug, ended, performance.now());
      },
    });
    calls.add(call);
    call.ask();
  };
}

interface UpgradeOptions {
  refuse(reason: GatewayErrorCode, code?: string): void;
  onBroken(code: string): void;
  onEnd(call: WebSocketCall): void;
}

/** A request for an upgrade, and then the upgraded connection or the answer of an upstream that refuses. */
class WebSocketCall implements ActiveCall, FinishedCall {
  readonly keyId: string;
  readonly holderId: string;
  readonly toolId: string;
  slot: number | null = null;
  readonly arrivedAt = performance.now();
  sentAt: number | null = null;
  answeredAt: number | null = null;
  /** As `Call` has it, and `upgraded` for a connection that ended by itself. */
  outcome = 'gone';
  readonly #socket: Duplex;
  /** What the client has sent ahead of the answer. */
  readonly #early: Buffer[];
  readonly #asking: ClientRequest;
  readonly #options: UpgradeOptions;
  readonly #silence: NodeJS.Timeout;
  #over = false;

  constructor(
    { id, holderId, toolId, headersTimeoutMs }: RoutedKey,
    socket: Duplex,
    early: Buffer,
    asking: ClientRequest,
    options: UpgradeOptions,
  ) {
    this.keyId = id;
    this.holderId = holderId;
    this.toolId = toolId;
    this.#socket = socket;
    this.#early = [early];
    this.#asking = asking;
    this.#options = options;
    this.#silence = setTimeout(() => this.#refuse('upstream-silent'), headersTimeoutMs);
  }

  cut(reason: GatewayErrorCode): void {
    if (this.answeredAt === null) this.#refuse(reason);
    else this.#break('cut');
  }

  /** Asks the upstream. */
  ask(): void {
    const [socket, asking] = [this.#socket, this.#asking];
    const keep = (bytes: Buffer) => this.#keep(bytes);
    const leave = () => {
      this.#end();
      socket.destroy();
    };
    // Reading on is what tells that the client has gone.
    socket.on('data', keep).once('end', leave).once('close', leave);
    asking.on('error', (error) => this.#fail(error));
    asking.on('information', ({ statusCode, statusMessage, rawHeaders }) => {
      if (!this.#over && !socket.writableNeedDrain)
        socket.write(headText(statusCode, statusMessage, returnedHeaders(rawHeaders)), 'latin1');
    });
    asking.once('upgrade', (answer, upstreamSocket, upstreamHead) => {
      socket.off('data', keep).off('end', leave);
      this.outcome = 'upgraded';
      this.#head(answer, ['Connection', 'Upgrade', 'Upgrade', answer.headers.upgrade ?? '']);
      pipeSockets(upstreamSocket, socket, upstreamHead, Buffer.concat(this.#early));
    });
    // Refused by the upstream: its answer goes back as it is, and the connection ends with it.
    asking.once('response', (answer) => {
      this.#head(answer, ['Connection', 'close']);
      answer.on('error', (error) => this.#fail(error));
      answer.once('end', () => {
        this.outcome = statusClass(answer.statusCode);
        closeSocket(socket);
      });
      answer.pipe(socket, { end: false });
    });
    asking.end();
    this.sentAt = performance.now();
  }

  #keep(bytes: Buffer): void {
    if (this.#over || this.answeredAt !== null) return; // there is nobody to take it
    this.#early.push(bytes);
    if (this.#early.reduce((sum, { length }) => sum + length, 0) > MOST_EARLY_BYTES) this.#socket.pause();
  }

  #head(answer: IncomingMessage, hop: RawHeaders): void {
    clearTimeout(this.#silence);
    this.answeredAt = performance.now();
    const { statusCode = 502, statusMessage = '', rawHeaders } = answer;
    const text = headText(statusCode, statusMessage, [...returnedHeaders(rawHeaders), ...hop]);
    this.#socket.write(text, 'latin1');
  }

  /** The upstream cannot be reached, or has broken its refusal off. */
  #fail(error: Error): void {
    if (this.#over) return;
    if (this.answeredAt === null) {
      this.#refuse(failureReason(error), failureCode(error));
      return;
    }
    this.#options.onBroken(failureCode(error));
    this.#break('broken');
  }

  #refuse(reason: GatewayErrorCode, code?: string): void {
    if (this.#over) return;
    this.outcome = 'refused';
    this.#end();
    this.#options.refuse(reason, code);
  }

  /**
   * Ends the connection so that no client takes what it has for the whole. A WebSocket says by itself when it is;
   * the body of a refusal may have no other end than the connection's, and only a reset says that it is not.
   */
  #break(outcome: 'broken' | 'cut'): void {
    if (this.#over) return;
    const upgraded = this.outcome === 'upgraded';
    this.outcome = outcome;
    this.#end();
    if (!upgraded && this.#socket instanceof Socket) this.#socket.resetAndDestroy();
    else this.#socket.destroy();
  }

  /** Lets go of the upstream. */
  #end(): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#silence);
    this.#asking.destroy();
    this.#options.onEnd(this);
  }
}
