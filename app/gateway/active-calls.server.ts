import type { GatewayErrorReason } from './error-catalogue';

/** A call in progress: a request without a complete response, a stream, or an upgraded connection. */
export interface ActiveCall {
  readonly keyId: string;
  readonly holderId: string;
  readonly toolId: string;
  /** Position in the list of active calls. Only `ActiveCalls` reads and writes it. */
  index: number | null;
  /** Ends the call immediately: with this error if no response has begun, otherwise by breaking the connection. */
  abort(reason: GatewayErrorReason): void;
}

export interface ConcurrencyLimits {
  /** All calls of this server. */
  overall: number;
  /** Calls of one key, unless its tool has its own limit. */
  perKey: number;
}

/**
 * All calls in progress, counted per key and tool for the concurrency limits.
 *
 * The key check and `add` run in one turn of the event loop, with no await in between. A call checked before a
 * revocation commits is therefore in this list when the revocation is announced; one checked after is rejected.
 */
export class ActiveCalls {
  // Not a Set: under a steady stream of short calls, the tables it discards keep dead calls from being collected.
  readonly #calls: ActiveCall[] = [];
  readonly #perKey = new Map<string, number>();
  readonly #perTool = new Map<string, number>();

  constructor(readonly limits: ConcurrencyLimits) {}

  get size(): number {
    return this.#calls.length;
  }

  countOfKey(keyId: string): number {
    return this.#perKey.get(keyId) ?? 0;
  }

  countOfTool(toolId: string): number {
    return this.#perTool.get(toolId) ?? 0;
  }

  add(call: ActiveCall): void {
    call.index = this.#calls.push(call) - 1;
    addCount(this.#perKey, call.keyId, 1);
    addCount(this.#perTool, call.toolId, 1);
  }

  /** Does nothing for a call that was removed before. */
  remove(call: ActiveCall): void {
    if (call.index === null) return;
    const last = this.#calls.pop();
    if (last !== undefined && last !== call) {
      this.#calls[call.index] = last;
      last.index = call.index;
    }
    call.index = null;
    addCount(this.#perKey, call.keyId, -1);
    addCount(this.#perTool, call.toolId, -1);
  }

  abortWhere(matches: (call: ActiveCall) => boolean, reason: GatewayErrorReason): void {
    for (const call of this.#calls.filter(matches)) {
      this.remove(call);
      call.abort(reason);
    }
  }
}

function addCount(counts: Map<string, number>, id: string, change: 1 | -1): void {
  const next = (counts.get(id) ?? 0) + change;
  if (next === 0) counts.delete(id);
  else counts.set(id, next);
}
