import type { GatewayErrorCode } from './error-catalogue';

/** A call under way: a request not yet answered whole, a stream, or an upgraded connection. */
export interface ActiveCall {
  readonly keyId: string;
  readonly holderId: string;
  readonly toolId: string;
  /** Its place among the open calls; theirs alone to read and write. */
  slot: number | null;
  /** Ends it at once: with the refusal if nothing was answered yet, else by breaking the connection. */
  cut(reason: GatewayErrorCode): void;
}

export interface Limits {
  /** All calls of this server. */
  overall: number;
  /** Calls of one key, unless its tool says otherwise. */
  perKey: number;
}

/**
 * Every call under way, so that a revocation reaches it, and counted, so that no key, tool or crowd takes the
 * server from the others.
 *
 * The check and `add` happen in one turn of the event loop, without an await in between. So a call whose check
 * came before a revocation's commit is in here when the revocation is announced, and one whose check came
 * after was refused: none slips through.
 */
export class ActiveCalls {
  // Not a Set: under a steady stream of short calls its discarded tables keep dead calls from being collected.
  readonly #calls: ActiveCall[] = [];
  readonly #perKey = new Map<string, number>();
  readonly #perTool = new Map<string, number>();
  readonly #limits: Limits;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#calls.length;
  }

  /** Why one more call of this key may not begin now; null when it may. */
  limitReached(
    keyId: string,
    toolId: string,
    tool: { maxConcurrentPerKey: number | null; maxConcurrent: number | null },
  ): Extract<GatewayErrorCode, 'key-busy' | 'tool-busy' | 'server-busy'> | null {
    if ((this.#perKey.get(keyId) ?? 0) >= (tool.maxConcurrentPerKey ?? this.#limits.perKey))
      return 'key-busy';
    if (tool.maxConcurrent !== null && (this.#perTool.get(toolId) ?? 0) >= tool.maxConcurrent)
      return 'tool-busy';
    return this.#calls.length >= this.#limits.overall ? 'server-busy' : null;
  }

  add(call: ActiveCall): void {
    call.slot = this.#calls.push(call) - 1;
    count(this.#perKey, call.keyId, 1);
    count(this.#perTool, call.toolId, 1);
  }

  /** Forgets a call that has ended; a second time does nothing. */
  remove(call: ActiveCall): void {
    if (call.slot === null) return;
    const last = this.#calls.pop();
    if (last !== undefined && last !== call) {
      this.#calls[call.slot] = last;
      last.slot = call.slot;
    }
    call.slot = null;
    count(this.#perKey, call.keyId, -1);
    count(this.#perTool, call.toolId, -1);
  }

  /** Cuts every call that `concerned` picks. */
  cut(concerned: (call: ActiveCall) => boolean, reason: GatewayErrorCode): void {
    for (const call of this.#calls.filter(concerned)) {
      this.remove(call);
      call.cut(reason);
    }
  }
}

function count(counts: Map<string, number>, id: string, change: 1 | -1): void {
  const next = (counts.get(id) ?? 0) + change;
  if (next === 0) counts.delete(id);
  else counts.set(id, next);
}
