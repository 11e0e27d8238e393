import { type KeyEvent, transitions } from '~/keys/key-state-machine';
import type { KeyStatus } from '~db/schema/enums';
import { mayHappen } from '../keys/transition-allowed';

/** A call about a key. `disable` disables its holder. */
export type Operation = KeyEvent | 'disable' | 'verify';

/** One call as its client saw it. Times are milliseconds of one clock. */
export interface Call {
  operation: Operation;
  by: string;
  invokedAt: number;
  /** Infinity for a call without a response: it may take effect at any later time, or never. */
  answeredAt: number;
  /** Whether it succeeded; otherwise it was refused because of the key's state. */
  done: boolean;
}

/** All calls about one key after its request. */
export interface KeyHistory {
  keyId: string;
  /** The state that the request returned. */
  from: KeyState;
  calls: Call[];
}

export interface KeyState {
  status: KeyStatus;
  revealed: boolean;
}

/** The state after the call; null when a key in this state can't give this response. Uses the product's state machine. */
function apply({ operation, done }: Call, key: KeyState): KeyState | null {
  if (operation === 'verify') return done === (key.status === 'ACTIVE' && key.revealed) ? key : null;
  if (operation === 'disable') {
    return key.status === 'REJECTED' ? key : { ...key, status: 'REVOKED' };
  }
  if (done !== mayHappen(operation, key)) return null;
  if (!done) return key;
  return { status: transitions[operation].to, revealed: key.revealed || operation === 'reveal' };
}

/** One possible order of the calls so far: the resulting state, and the open calls that have taken effect. */
interface Possibility {
  key: KeyState;
  happened: ReadonlySet<Call>;
}

/**
 * Checks linearizability: can the calls have taken effect one after the other, each between its start and its response,
 * as the state machine allows? Then a key is revoked for every verification that starts after the revocation returned,
 * and one of two concurrent decisions is refused. Goes through starts and responses in order of time and keeps every
 * possible state.
 *
 * @returns null when they can; otherwise the response that contradicts the history, as a sentence.
 */
export function findContradiction({ keyId, from, calls }: KeyHistory): string | null {
  const moments = calls
    .flatMap((call) => [
      { at: call.invokedAt, call, answered: false },
      { at: call.answeredAt, call, answered: true },
    ])
    .filter(({ at }) => at !== Number.POSITIVE_INFINITY)
    // At the same time, starts come before responses: that claims less.
    .sort((a, b) => a.at - b.at || Number(a.answered) - Number(b.answered));
  const open = new Set<Call>();
  let possible: Possibility[] = [{ key: from, happened: new Set() }];
  for (const { call, answered } of moments) {
    if (!answered) {
      open.add(call);
      continue;
    }
    possible = expand(possible, open)
      .filter(({ happened }) => happened.has(call))
      .map(({ key, happened }) => ({ key, happened: without(happened, call) }));
    open.delete(call);
    if (possible.length === 0) return describeContradiction(keyId, call, calls);
  }
  return null;
}

/** These possibilities, and all that follow when open calls take effect in any order. */
function expand(possible: Possibility[], open: ReadonlySet<Call>): Possibility[] {
  const found = new Map<string, Possibility>();
  const numbers = new Map([...open].map((call, index) => [call, index]));
  const nameOf = ({ key, happened }: Possibility) =>
    `${key.status} ${key.revealed} ${[...happened].map((call) => numbers.get(call)).sort()}`;
  const queue = [...possible];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const name = nameOf(next);
    if (found.has(name)) continue;
    found.set(name, next);
    for (const call of open) {
      if (next.happened.has(call)) continue;
      const key = apply(call, next.key);
      if (key !== null) queue.push({ key, happened: new Set(next.happened).add(call) });
    }
  }
  return [...found.values()];
}

function without(calls: ReadonlySet<Call>, call: Call): ReadonlySet<Call> {
  const rest = new Set(calls);
  rest.delete(call);
  return rest;
}

function describeContradiction(keyId: string, call: Call, calls: Call[]): string {
  const before = calls
    .filter(({ answeredAt, operation }) => answeredAt < call.invokedAt && operation !== 'verify')
    .map(({ operation, by, done }) => `${operation} by ${by} ${done ? 'done' : 'refused'}`);
  const ending = calls.find(
    ({ operation, done, answeredAt }) =>
      done && answeredAt < call.invokedAt && /revoke|withdraw|disable/.test(operation),
  );
  const late =
    call.operation === 'verify' && ending !== undefined
      ? `, sent ${(call.invokedAt - ending.answeredAt).toFixed(1)} ms after ${ending.operation} was acknowledged`
      : '';
  return `${keyId}: ${call.operation} by ${call.by} was ${call.done ? 'successful' : 'refused'}${late}, which cannot be after ${before.join(', ') || 'the request'}`;
}

/** A request for a key and what it brought; null keyId: refused, since there was a live key. */
export interface RequestCall {
  /** Holder, tool and environment. */
  place: string;
  keyId: string | null;
  invokedAt: number;
  answeredAt: number;
}

/** Pairs of keys that were certainly live at one time for the same holder, tool and environment. */
export function doublyLive(requests: RequestCall[], histories: Map<string, KeyHistory>): string[] {
  const problems: string[] = [];
  const issued = requests.filter(({ keyId }) => keyId !== null);
  for (const first of issued) {
    const endings = histories.get(first.keyId ?? '')?.calls ?? [];
    const endedAt = Math.min(
      ...endings
        .filter(({ operation, done }) => done && /reject|revoke|withdraw|disable/.test(operation))
        .map(({ invokedAt }) => invokedAt),
    );
    for (const second of issued) {
      if (second === first || second.place !== first.place) continue;
      if (second.invokedAt > first.answeredAt && second.answeredAt < endedAt)
        problems.push(`${first.keyId} and ${second.keyId} were both live for ${first.place}`);
    }
  }
  return problems;
}
