import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../helpers/app';
import { createHttpTeam } from '../helpers/http-team';
import { type Call, doublyLive, explain, type KeyHistory, type Operation } from './history';
import { findCorruption } from './integrity';
import { type Launched, launchControl, launchServer, onFolder, ready } from './processes';
import { Contest } from './races';
import { amount, counted, limit, pick, randomFrom, reportLog, SEED } from './report';

const MEMBERS = 6;
/** Contests under way at once. */
const AT_ONCE = 6;
const TOOLS = ['openai', 'anthropic', 'gemini', 'mistral', 'echo'];

interface Outcome {
  problems: string[];
  keys: number;
  calls: number;
  verifications: number;
}

async function contend(server: Launched, dataDir: string, contests: number): Promise<Outcome> {
  const random = randomFrom(SEED);
  try {
    const url = await ready(server);
    const team = await createHttpTeam(url, MEMBERS);
    const contest = new Contest(url, team, random);
    const [leaver, ...others] = team.members;
    let left = contests;
    const contestants = Array.from({ length: AT_ONCE }, async () => {
      while (left-- > 0) {
        const member = pick(random, others);
        if (member !== undefined) await contest.run(member, pick(random, TOOLS) ?? 'echo');
      }
    });
    await Promise.all([...contestants, leaver && contest.disable(leaver, TOOLS)]);
    const { histories, requests, rawKeys, strange } = contest.record;
    const all = [...histories.values()];
    const shown = rawKeys.map(({ keyId }) => keyId);
    const calls = all.flatMap((history) => history.calls);
    const verifications = calls.filter(({ operation }) => operation === 'verify').length;
    return {
      problems: [
        ...strange,
        ...all.map(explain).filter((problem) => problem !== null),
        ...doublyLive(requests, histories),
        ...shown.filter((id, index) => shown.indexOf(id) !== index).map((id) => `${id} was shown twice`),
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

describe('Concurrent histories', () => {
  it(
    'can be explained, all of them: one raw key a key, one decision a request, no verification after a revocation',
    limit({ short: 60, full: 300 }),
    async ({ task }) => {
      const log = reportLog(task);
      const dataDir = temporaryFolder();
      const contests = amount(40, 1_000);
      const { problems, ...found } = await contend(launchServer(onFolder(dataDir)), dataDir, contests);
      log(
        `tried ${counted(contests, 'contest')} over ${counted(found.keys, 'key')}, ${AT_ONCE} at once: ${counted(found.calls, 'call')} and ${counted(found.verifications, 'verification')} (seed ${SEED})`,
      );
      log(`found ${counted(problems.length, 'problem')}`);
      expect(problems).toEqual([]);
      expect(found.verifications).toBeGreaterThan(contests);
    },
  );

  it.for([
    ['remembers the keys that it accepted', 'remembers-acceptances'],
    ['answers before it commits', 'answers-before-commit'],
  ] as const)(
    'control: a server that %s is caught',
    limit({ short: 90, full: 90 }),
    async ([, kind], { task }) => {
      const late: string[] = [];
      // A race has to be lost to be seen: each round is another chance to.
      for (let round = 0; round < 5 && late.length === 0; round++) {
        const dataDir = temporaryFolder();
        const { problems } = await contend(launchControl(kind, onFolder(dataDir)), dataDir, 20);
        late.push(...problems.filter((problem) => problem.includes('acknowledged')));
      }
      reportLog(task)(`control caught ${counted(late.length, 'time')}, first: ${late[0]}`);
      expect(late.length).toBeGreaterThan(0);
    },
  );
});

describe('The checker of histories', () => {
  const call = (
    operation: Operation,
    done: boolean,
    invokedAt: number,
    answeredAt = invokedAt + 1,
  ): Call => ({
    operation,
    done,
    invokedAt,
    answeredAt,
    by: 'somebody',
  });
  const pending = (...calls: Call[]): KeyHistory => ({
    keyId: 'key_1',
    from: { status: 'PENDING', revealed: false },
    calls,
  });
  const active = (...calls: Call[]): KeyHistory => ({
    keyId: 'key_1',
    from: { status: 'ACTIVE', revealed: true },
    calls,
  });

  const good: [string, KeyHistory][] = [
    ['nothing at all', pending()],
    [
      'a whole life',
      pending(
        call('approve', true, 1),
        call('reveal', true, 3),
        call('verify', true, 5),
        call('revoke', true, 7),
        call('verify', false, 9),
      ),
    ],
    [
      'two decisions at once, one of them refused',
      pending(call('approve', true, 1, 9), call('reject', false, 2, 8)),
    ],
    [
      'a verification let in while the revocation was under way',
      active(call('revoke', true, 1, 9), call('verify', true, 2, 8)),
    ],
    [
      'one refused before the revocation was answered',
      active(call('revoke', true, 1, 9), call('verify', false, 2, 8)),
    ],
    [
      'a revocation that nobody answered, and that happened',
      active(
        call('revoke', true, 1, Number.POSITIVE_INFINITY),
        call('verify', true, 3),
        call('verify', false, 5),
      ),
    ],
    [
      'a reveal sent before the approval was answered',
      pending(call('approve', true, 1, 9), call('reveal', true, 2, 10)),
    ],
  ];
  it.each(good)('explains %s', (_what, history) => {
    expect(explain(history)).toBeNull();
  });

  const bad: [string, KeyHistory][] = [
    [
      'two raw keys',
      pending(call('approve', true, 1), call('reveal', true, 3, 9), call('reveal', true, 4, 8)),
    ],
    ['two decisions', pending(call('approve', true, 1, 9), call('reject', true, 2, 8))],
    [
      'a verification let in after the revocation was answered',
      active(call('revoke', true, 1, 5), call('verify', true, 6)),
    ],
    [
      'a verification let in after another was refused',
      active(call('revoke', true, 1, 9), call('verify', false, 2, 3), call('verify', true, 4, 5)),
    ],
    ['a verification refused although nothing happened', active(call('verify', false, 1))],
    ['a reveal before the approval was sent', pending(call('reveal', true, 1, 2), call('approve', true, 3))],
    ['a refusal of what was possible', pending(call('approve', false, 1))],
    [
      'a key that works after its holder was disabled',
      active(call('disable', true, 1), call('verify', true, 3)),
    ],
  ];
  it.each(bad)('does not explain %s', (_what, history) => {
    expect(explain(history)).toMatch(/^key_1: \w+ by somebody was .* cannot be after/);
  });

  it('finds two keys live at once in one place', () => {
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
