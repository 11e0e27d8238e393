import type { ApiAnswer } from '../helpers/http';
import type { HttpPerson, HttpTeam } from '../helpers/http-team';
import { pick } from './report';

/** Changes that can be acknowledged, by their audit actions. */
export type Acknowledged =
  | 'key.issued'
  | 'key.requested'
  | 'key.approved'
  | 'key.rejected'
  | 'key.withdrawn'
  | 'key.revealed'
  | 'key.revoked';

/** What the client knows about one key. */
export interface KnownKey {
  id: string;
  holder: string;
  tool: string;
  environment: string;
  /** After the last response; another client may have changed it since. */
  state: 'PENDING' | 'UNREVEALED' | 'ACTIVE' | 'ENDED';
  rawKey: string | null;
  acknowledged: Set<Acknowledged>;
  /** A revocation was sent, whether or not it returned. */
  endingSent: boolean;
}

/** Everything that the server has acknowledged, by key id. */
export class Ledger {
  readonly keys = new Map<string, KnownKey>();
  acknowledgements = 0;
  /** Changes without a response: the server was killed. */
  unanswered = 0;

  of(holder: string, state: KnownKey['state']): KnownKey[] {
    return [...this.keys.values()].filter((key) => key.holder === holder && key.state === state);
  }

  note(key: KnownKey, event: Acknowledged, state: KnownKey['state'], rawKey?: string): void {
    this.acknowledgements += 1;
    key.acknowledged.add(event);
    key.state = state;
    if (rawKey !== undefined) key.rawKey = rawKey;
  }
}

const TOOLS = ['openai', 'anthropic', 'gemini', 'mistral', 'echo'];
const ENVIRONMENTS = ['development', 'staging', 'production'];

interface KeyAnswer {
  key: { id: string };
  rawKey?: string;
}

interface MineAnswer {
  id: string;
  tool: { slug: string };
  environment: string;
  status: 'PENDING' | 'ACTIVE' | 'REJECTED' | 'REVOKED';
  revealed: boolean;
}

/** Reads the state of everyone's keys, including those whose request had no response. */
export async function takeStock({ members }: HttpTeam, ledger: Ledger): Promise<void> {
  for (const member of members) {
    const { data } = await member.api.query('keys.mine');
    for (const { id, tool, environment, status, revealed } of data as MineAnswer[]) {
      const key = ledger.keys.get(id) ?? newKey(id, member.name, tool.slug, environment);
      ledger.keys.set(id, key);
      if (status === 'PENDING') key.state = 'PENDING';
      else if (status === 'ACTIVE') key.state = revealed ? 'ACTIVE' : 'UNREVEALED';
      else key.state = 'ENDED';
    }
  }
}

const newKey = (id: string, holder: string, tool: string, environment: string): KnownKey => ({
  id,
  holder,
  tool,
  environment,
  state: 'PENDING',
  rawKey: null,
  acknowledged: new Set(),
  endingSent: false,
});

/** Has everyone act on keys until the server goes away or `stopped` returns true; records what it acknowledged. */
export async function keepBusy(
  { admins, members }: HttpTeam,
  ledger: Ledger,
  random: () => number,
  stopped: () => boolean,
): Promise<void> {
  const work = async (act: () => Promise<void>) => {
    while (!stopped()) {
      try {
        await act();
      } catch (error) {
        if (!isConnectionLoss(error)) throw error;
        ledger.unanswered += 1;
        return;
      }
    }
  };
  await Promise.all([
    ...members.map((member) => work(() => memberActs(member, ledger, random))),
    ...admins.map((admin) => work(() => adminActs(admin, ledger, random))),
  ]);
}

/** Errors of fetch when a server dies: refused, reset, or a truncated response. */
const isConnectionLoss = (error: unknown): boolean =>
  error instanceof TypeError || error instanceof SyntaxError;

async function memberActs(member: HttpPerson, ledger: Ledger, random: () => number): Promise<void> {
  const dice = random();
  const unrevealed = pick(random, ledger.of(member.name, 'UNREVEALED'));
  if (unrevealed !== undefined && dice < 0.7) return reveal(member, unrevealed, ledger);
  const active = pick(random, ledger.of(member.name, 'ACTIVE'));
  if (active !== undefined && dice < 0.45) return revoke(member, active, ledger);
  const pending = pick(random, ledger.of(member.name, 'PENDING'));
  if (pending !== undefined && dice > 0.93) return withdraw(member, pending, ledger);
  await request(member, ledger, random);
}

async function adminActs(admin: HttpPerson, ledger: Ledger, random: () => number): Promise<void> {
  const pending = pick(
    random,
    [...ledger.keys.values()].filter(({ state }) => state === 'PENDING'),
  );
  if (pending === undefined) {
    await admin.api.query('requests.countPending');
    return;
  }
  const { id: keyId } = pending;
  if (random() < 0.8) {
    const answer = await admin.api.mutate('requests.approve', { keyId });
    if (succeeded(answer, ['already-decided'])) ledger.note(pending, 'key.approved', 'UNREVEALED');
    else decidedByAnother(pending);
  } else {
    const answer = await admin.api.mutate('requests.reject', { keyId, reason: 'not this time' });
    if (succeeded(answer, ['already-decided'])) ledger.note(pending, 'key.rejected', 'ENDED');
    else decidedByAnother(pending);
  }
}

/** Another admin was faster, or a call without a response took effect: the next attempt to reveal it shows which. */
function decidedByAnother(key: KnownKey): void {
  if (key.state === 'PENDING') key.state = 'UNREVEALED';
}

async function request(member: HttpPerson, ledger: Ledger, random: () => number): Promise<void> {
  const tool = pick(random, TOOLS) ?? 'echo';
  const environment = pick(random, ENVIRONMENTS) ?? 'development';
  const answer = await member.api.mutate('keys.request', { tool, environment, purpose: 'load' });
  if (!succeeded(answer, ['live-key-exists'])) return;
  const { key, rawKey } = answer.data as KeyAnswer;
  const known = newKey(key.id, member.name, tool, environment);
  ledger.keys.set(key.id, known);
  if (rawKey === undefined) ledger.note(known, 'key.requested', 'PENDING');
  else ledger.note(known, 'key.issued', 'ACTIVE', rawKey);
}

async function reveal(member: HttpPerson, key: KnownKey, ledger: Ledger): Promise<void> {
  const answer = await member.api.mutate('keys.reveal', { keyId: key.id });
  if (succeeded(answer, ['not-active', 'already-revealed']))
    ledger.note(key, 'key.revealed', 'ACTIVE', (answer.data as KeyAnswer).rawKey);
  else key.state = answer.reason === 'already-revealed' ? 'ACTIVE' : 'ENDED';
}

async function revoke(member: HttpPerson, key: KnownKey, ledger: Ledger): Promise<void> {
  key.endingSent = true;
  const answer = await member.api.mutate('keys.revoke', { keyId: key.id });
  if (succeeded(answer, ['not-active'])) ledger.note(key, 'key.revoked', 'ENDED');
  else key.state = 'ENDED';
}

async function withdraw(member: HttpPerson, key: KnownKey, ledger: Ledger): Promise<void> {
  const answer = await member.api.mutate('keys.withdraw', { keyId: key.id });
  if (succeeded(answer, ['not-pending'])) ledger.note(key, 'key.withdrawn', 'ENDED');
  else decidedByAnother(key);
}

/** Whether the call succeeded; throws for an error that isn't expected. */
function succeeded({ status, reason }: ApiAnswer, expected: string[]): boolean {
  if (status === 200) return true;
  if (reason !== null && expected.includes(reason)) return false;
  throw new Error(`the server answered ${status} ${reason}`);
}
