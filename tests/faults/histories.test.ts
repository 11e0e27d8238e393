import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../helpers/app';
import { createHttpTeam } from '../helpers/http-team';
import { type Launched, ready } from '../helpers/server';
import { type Call, doublyLive, findContradiction, type KeyHistory, type Operation } from './history';
import { findCorruption } from './integrity';
import { launchControl, launchServer, onFolder } from './processes';
import { Races } from './races';
import { amount, counted, limit, pick, randomFrom, reportLog, SEED } from './report';

const MEMBERS = 6;
/** Concurrent races. */
const CONCURRENCY = 6;
const TOOLS = ['openai', 'anthropic', 'gemini', 'mistral', 'echo'];

interface Outcome {
  problems: string[];
  keys: number;
  calls: number;
  verifications: number;
}

async function runRaces(server: Launched, dataDir: string, races: number): Promise<Outcome> {
  const random = randomFrom(SEED);
  try {
    const url = await ready(server);
    const team = await createHttpTeam(url, MEMBERS);
    const race = new Races(url, team, random);
    const [leaver, ...others] = team.members;
    let left = races;
    const racers = Array.from({ length: CONCURRENCY }, async () => {
      while (left-- > 0) {
        const member = pick(random, others);
        if (member !== undefined) await race.run(member, pick(random, TOOLS) ?? 'echo');
      }
    });
    await Promise.all([...racers, leaver && race.disable(leaver, TOOLS)]);
    const { histories, requests, rawKeys, unexpected } = race.record;
    const all = [...histories.values()];
    const shown = rawKeys.map(({ keyId }) => keyId);
    const calls = all.flatMap((history) => history.calls);
    const verifications = calls.filter(({ operation }) => operation === 'verify').length;
    return {
      problems: [
        ...unexpected,
        ...all.map(findContradiction).filter((problem) => problem !== null),
        ...doublyLive(requests, histories),
        ...shown.filter((id, index) => shown.indexOf(id) !== index).map((id) => `${id} was revealed twice`),
        ...(await findCorruption(dataDir)),
      ],
      keys: all.length,
      calls: calls.length - verifications + requests.length,
      verifications,
    };
  } finally {
    server.child.kill('SIGKILL');
    await server.ended;
  }
}

describe('Concurrent calls on the same keys', () => {
  it(
    'have a sequential explanation: one raw key per key, one decision per request, no verification after a revocation',
    limit({ short: 60, full: 300 }),
    async ({ task }) => {
      const log = reportLog(task);
      const dataDir = temporaryFolder();
      const races = amount(40, 1_000);
      const { problems, ...found } = await runRaces(launchServer(onFolder(dataDir)), dataDir, races);
      log(
        `tried ${counted(races, 'race')} over ${counted(found.keys, 'key')}, ${CONCURRENCY} concurrently: ${counted(found.calls, 'call')} and ${counted(found.verifications, 'verification')} (seed ${SEED})`,
      );
      log(`found ${counted(problems.length, 'problem')}`);
      expect(problems).toEqual([]);
      expect(found.verifications).toBeGreaterThan(races);
    },
  );

  it.for([
    ['caches accepted keys', 'caches-accepted-keys'],
    ['responds before it commits', 'answers-before-commit'],
  ] as const)(
    'control: a server that %s is caught',
    limit({ short: 90, full: 90 }),
    async ([, kind], { task }) => {
      const late: string[] = [];
      // The fault shows only when a race is lost: each round is another chance.
      for (let round = 0; round < 5 && late.length === 0; round++) {
        const dataDir = temporaryFolder();
        const { problems } = await runRaces(launchControl(kind, onFolder(dataDir)), dataDir, 20);
        late.push(...problems.filter((problem) => problem.includes('acknowledged')));
      }
      reportLog(task)(`control caught ${counted(late.length, 'time')}, first: ${late[0]}`);
      expect(late.length).toBeGreaterThan(0);
    },
  );
});

describe('The history checker', () => {
  const call = (operation: Operation, done: boolean, invokedAt: number, answeredAt = invokedAt + 1): Call => {
    return { operation, done, invokedAt, answeredAt, by: 'someone' };
  };
  const historyFrom =
    (from: KeyHistory['from']) =>
    (...calls: Call[]) => ({ keyId: 'key_1', from, calls });
  const pending = historyFrom({ status: 'PENDING', revealed: false });
  const active = historyFrom({ status: 'ACTIVE', revealed: true });

  const good: [string, KeyHistory][] = [
    ['no calls', pending()],
    [
      'the life of a key',
      pending(
        call('approve', true, 1),
        call('reveal', true, 3),
        call('verify', true, 5),
        call('revoke', true, 7),
        call('verify', false, 9),
      ),
    ],
    [
      'two concurrent decisions, one of them refused',
      pending(call('approve', true, 1, 9), call('reject', false, 2, 8)),
    ],
    [
      'a verification that succeeds during a revocation',
      active(call('revoke', true, 1, 9), call('verify', true, 2, 8)),
    ],
    [
      'a verification refused before the revocation returned',
      active(call('revoke', true, 1, 9), call('verify', false, 2, 8)),
    ],
    [
      'a revocation without a response that took effect',
      active(
        call('revoke', true, 1, Number.POSITIVE_INFINITY),
        call('verify', true, 3),
        call('verify', false, 5),
      ),
    ],
    [
      'a reveal sent before the approval returned',
      pending(call('approve', true, 1, 9), call('reveal', true, 2, 10)),
    ],
  ];
  it.each(good)('accepts %s', (_what, history) => {
    expect(findContradiction(history)).toBeNull();
  });

  const bad: [string, KeyHistory][] = [
    [
      'two raw keys',
      pending(call('approve', true, 1), call('reveal', true, 3, 9), call('reveal', true, 4, 8)),
    ],
    ['two decisions', pending(call('approve', true, 1, 9), call('reject', true, 2, 8))],
    [
      'a verification that succeeds after the revocation returned',
      active(call('revoke', true, 1, 5), call('verify', true, 6)),
    ],
    [
      'a verification that succeeds after another was refused',
      active(call('revoke', true, 1, 9), call('verify', false, 2, 3), call('verify', true, 4, 5)),
    ],
    ['a refused verification of an active key', active(call('verify', false, 1))],
    ['a reveal before the approval was sent', pending(call('reveal', true, 1, 2), call('approve', true, 3))],
    ['a refused approval of a pending key', pending(call('approve', false, 1))],
    [
      'a key that works after its holder was disabled',
      active(call('disable', true, 1), call('verify', true, 3)),
    ],
  ];
  it.each(bad)('rejects %s', (_what, history) => {
    expect(findContradiction(history)).toMatch(/^key_1: \w+ by someone was .* cannot be after/);
  });

  it('finds two live keys of one person, tool and environment', () => {
    const requests = [
      { place: 'mara echo staging', keyId: 'key_1', invokedAt: 1, answeredAt: 2 },
      { place: 'mara echo staging', keyId: 'key_2', invokedAt: 3, answeredAt: 4 },
    ];
    const ended = (at: number): Map<string, KeyHistory> =>
      new Map([['key_1', active(call('revoke', true, at))]]);
    expect(doublyLive(requests, ended(5))).toEqual(['key_1 and key_2 were both live for mara echo staging']);
    expect(doublyLive(requests, ended(3.5))).toEqual([]);
  });
});
