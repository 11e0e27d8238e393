import { type KeyEvent, transitions } from '~/keys/key-state-machine';
import type { KeyStatus } from '~db/schema/enums';
import { mayHappen } from '../keys/transition-allowed';

/** What clients do to a key, or ask of it. `disable` is its holder being disabled. */
export type Operation = KeyEvent | 'disable' | 'verify';

/** One call about one key, as its client saw it. Times in milliseconds of one clock. */
export interface Call {
  operation: Operation;
  by: string;
  invokedAt: number;
  /** Infinity for a call that nobody answered: it may have happened, at any time since, or never. */
  answeredAt: number;
  /** Carried out (a verification: let in), or refused for the state that the key was in. */
  done: boolean;
}

/** Everything that happened to one key, from the moment that its request was answered. */
export interface KeyHistory {
  keyId: string;
  /** What the request was answered with. */
  from: KeyState;
  calls: Call[];
}

export interface KeyState {
  status: KeyStatus;
  revealed: boolean;
}

/**
 * What the call makes of a key in this state; null when its answer cannot be the answer of a key in this
 * state. The state machine is the product's own table.
 */
function carryOut({ operation, done }: Call, key: KeyState): KeyState | null {
  if (operation === 'verify') return done === (key.status === 'ACTIVE' && key.revealed) ? key : null;
  if (operation === 'disable') {
    return key.status === 'REJECTED' ? key : { ...key, status: 'REVOKED' };
  }
  if (done !== mayHappen(operation, key)) return null;
  if (!done) return key;
  return { status: transitions[operation].to, revealed: key.revealed || operation === 'reveal' };
}

/** One way in which the calls so far can have happened: the state, and which open calls have happened in it. */
interface Possibility {
  key: KeyState;
  happened: ReadonlySet<Call>;
}

/**
 * Whether the calls can have happened one after the other, each at some moment between its being sent and
 * its being answered, as the state machine allows (linearizability): so a key revoked is revoked for
 * every verification that starts after the answer, and of two that decide at once one is refused.
 *
 * Goes through sendings and answers in order of time and keeps every possibility; an answer that fits none of
 * them is where the history cannot be explained.
 *
 * @returns null when it can; else what cannot be, in a sentence.
 */
export function explain({ keyId, from, calls }: KeyHistory): string | null {
  const moments = calls
    .flatMap((call) => [
      { at: call.invokedAt, call, answered: false },
      { at: call.answeredAt, call, answered: true },
    ])
    .filter(({ at }) => at !== Number.POSITIVE_INFINITY)
    // Sent before answered where the clock has ticked for neither: the weaker claim.
    .sort((a, b) => a.at - b.at || Number(a.answered) - Number(b.answered));
  const open = new Set<Call>();
  let possible: Possibility[] = [{ key: from, happened: new Set() }];
  for (const { call, answered } of moments) {
    if (!answered) {
      open.add(call);
      continue;
    }
    possible = everyWayOn(possible, open)
      .filter(({ happened }) => happened.has(call))
      .map(({ key, happened }) => ({ key, happened: without(happened, call) }));
    open.delete(call);
    if (possible.length === 0) return cannotBe(keyId, call, calls);
  }
  return null;
}

/** These possibilities, and all that follow when open calls happen in them, in any order. */
function everyWayOn(possible: Possibility[], open: ReadonlySet<Call>): Possibility[] {
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
      const key = carryOut(call, next.key);
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

function cannotBe(keyId: string, call: Call, calls: Call[]): string {
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
  return `${keyId}: ${call.operation} by ${call.by} was ${call.done ? 'carried out' : 'refused'}${late}, which cannot be after ${before.join(', ') || 'the request'}`;
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
