import type { ApiAnswer } from '../helpers/http';
import type { HttpPerson, HttpTeam } from '../helpers/http-team';
import type { Call, KeyHistory, Operation, RequestCall } from './history';
import { pick, wait } from './report';

/** Everything that clients saw, with times of one clock. */
export interface Observations {
  histories: Map<string, KeyHistory>;
  requests: RequestCall[];
  /** Every raw key that was returned. */
  rawKeys: { keyId: string; rawKey: string }[];
  /** Unexpected responses: internal errors, or errors for another reason than the key's state. */
  unexpected: string[];
}

/** Errors caused by the key's state, which belong in its history. */
const ABOUT_STATE = ['already-decided', 'not-pending', 'not-active', 'already-revealed'];

const PROCEDURES = {
  approve: 'requests.approve',
  reject: 'requests.reject',
  withdraw: 'keys.withdraw',
  reveal: 'keys.reveal',
  revoke: 'keys.revoke',
} as const;

interface KeyAnswer {
  key?: { id: string };
  rawKey?: string;
}

/** Makes several people act on one key concurrently, and records what each of them saw. */
export class Races {
  readonly record: Observations = { histories: new Map(), requests: [], rawKeys: [], unexpected: [] };
  readonly #url: string;
  readonly #team: HttpTeam;
  readonly #random: () => number;

  constructor(url: string, team: HttpTeam, random: () => number) {
    this.#url = url;
    this.#team = team;
    this.#random = random;
  }

  /** Takes one key from request to revocation, with concurrent calls at every step. */
  async run(member: HttpPerson, tool: string): Promise<void> {
    const production = this.#random() < 0.7;
    const keyId = await this.#requestConcurrently(member, tool, production ? 'production' : 'development');
    const history = keyId === null ? undefined : this.record.histories.get(keyId);
    if (history === undefined) return;
    if (history.from.status === 'PENDING') await this.#decide(history, member);
    const decided = (operation: Operation) =>
      history.calls.some((call) => call.operation === operation && call.done);
    if (decided('approve')) await this.#reveal(history, member);
    if (history.from.status === 'ACTIVE' || decided('approve'))
      await this.#verifyAndRevoke(history, member, tool);
  }

  /** Disables a holder while their keys are in use. */
  async disable(member: HttpPerson, tools: string[]): Promise<void> {
    const [admin] = this.#team.admins;
    const keys: { history: KeyHistory; tool: string }[] = [];
    for (const tool of tools) {
      const keyId = await this.#requestConcurrently(member, tool, 'staging');
      const history = keyId === null ? undefined : this.record.histories.get(keyId);
      if (history !== undefined) keys.push({ history, tool });
    }
    let over = false;
    const verifying = keys.map(({ history, tool }) => this.#verify(history, tool, () => over));
    await wait(20);
    const invokedAt = performance.now();
    const answer = await admin.api.mutate('users.disable', { userId: member.id, reason: 'has left' });
    const answeredAt = performance.now();
    if (answer.status !== 200) this.record.unexpected.push(`disable: ${answer.status} ${answer.reason}`);
    for (const { history } of keys)
      history.calls.push({ operation: 'disable', by: admin.name, invokedAt, answeredAt, done: true });
    await wait(30);
    over = true;
    await Promise.all(verifying);
  }

  async #requestConcurrently(member: HttpPerson, tool: string, environment: string): Promise<string | null> {
    const place = `${member.name} ${tool} ${environment}`;
    const asked = await Promise.all(
      [1, 2, 3].map(async () => {
        const invokedAt = performance.now();
        const answer = await member.api.mutate('keys.request', { tool, environment, purpose: 'a race' });
        const answeredAt = performance.now();
        const { key, rawKey } = (answer.data ?? {}) as KeyAnswer;
        if (key === undefined && answer.reason !== 'live-key-exists')
          this.record.unexpected.push(`request: ${answer.status} ${answer.reason}`);
        const keyId = key?.id ?? null;
        this.record.requests.push({ place, keyId, invokedAt, answeredAt });
        if (keyId === null) return null;
        this.record.histories.set(keyId, {
          keyId,
          from: { status: rawKey === undefined ? 'PENDING' : 'ACTIVE', revealed: rawKey !== undefined },
          calls: [],
        });
        if (rawKey !== undefined) this.record.rawKeys.push({ keyId, rawKey });
        return keyId;
      }),
    );
    return asked.find((keyId) => keyId !== null) ?? null;
  }

  async #decide(history: KeyHistory, member: HttpPerson): Promise<void> {
    const [ada, bea] = this.#team.admins;
    const rejects = this.#random() < 0.3;
    await Promise.all([
      this.#call(history, 'approve', ada),
      this.#call(history, 'approve', ada),
      this.#call(history, rejects ? 'reject' : 'approve', bea),
      this.#call(history, 'reveal', member),
      ...(this.#random() < 0.2 ? [this.#call(history, 'withdraw', member)] : []),
    ]);
  }

  async #reveal(history: KeyHistory, member: HttpPerson): Promise<void> {
    await Promise.all([
      ...[1, 2, 3, 4].map(() => this.#call(history, 'reveal', member)),
      ...(this.#random() < 0.2 ? [this.#call(history, 'revoke', member)] : []),
    ]);
  }

  async #verifyAndRevoke(history: KeyHistory, member: HttpPerson, tool: string): Promise<void> {
    let over = false;
    const verifying = [1, 2, 3].map(() => this.#verify(history, tool, () => over));
    await wait(this.#random() * 40);
    await Promise.all([
      this.#call(history, 'revoke', member),
      this.#call(history, 'revoke', pick(this.#random, this.#team.admins) ?? member),
      this.#call(history, 'withdraw', member),
    ]);
    await wait(30);
    over = true;
    await Promise.all(verifying);
  }

  async #call(history: KeyHistory, operation: keyof typeof PROCEDURES, by: HttpPerson): Promise<void> {
    await wait(this.#random() * 3);
    const needsReason = operation === 'reject' || operation === 'revoke';
    const input = { keyId: history.keyId, ...(needsReason ? { reason: 'a race' } : {}) };
    const invokedAt = performance.now();
    const answer = await by.api.mutate(PROCEDURES[operation], input);
    const answeredAt = performance.now();
    const call = { operation, by: by.name, invokedAt, answeredAt, done: answer.status === 200 };
    this.#note(history, call, answer);
    const { rawKey } = (answer.data ?? {}) as KeyAnswer;
    if (rawKey !== undefined) this.record.rawKeys.push({ keyId: history.keyId, rawKey });
  }

  #note(history: KeyHistory, call: Call, { status, reason }: ApiAnswer): void {
    if (call.done || ABOUT_STATE.includes(reason ?? '')) history.calls.push(call);
    else this.record.unexpected.push(`${call.operation} by ${call.by}: ${status} ${reason}`);
  }

  /** Verifies the key repeatedly, if its raw key has been revealed. */
  async #verify(history: KeyHistory, tool: string, over: () => boolean): Promise<void> {
    const rawKey = this.record.rawKeys.find(({ keyId }) => keyId === history.keyId)?.rawKey;
    if (rawKey === undefined) return;
    const headers = { authorization: `Bearer ${rawKey}` };
    while (!over()) {
      const invokedAt = performance.now();
      const response = await fetch(`${this.#url}/verify/${tool}`, { headers });
      await response.arrayBuffer();
      const answeredAt = performance.now();
      const call = { operation: 'verify' as const, by: 'a client', invokedAt, answeredAt };
      if (response.status === 200 || response.status === 401)
        history.calls.push({ ...call, done: response.status === 200 });
      else this.record.unexpected.push(`verify: ${response.status}`);
      await wait(this.#random() * 4);
    }
  }
}
