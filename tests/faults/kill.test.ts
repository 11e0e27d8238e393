import BetterSqlite3 from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { databaseFile } from '~/core/config.server';
import { temporaryFolder } from '../helpers/app';
import { createHttpTeam, type HttpTeam, reconnect } from '../helpers/http-team';
import { type Launched, ready } from '../helpers/server';
import { findCorruption } from './integrity';
import { launchControl, launchServer, onFolder } from './processes';
import { amount, counted, limit, pick, randomFrom, reportLog, SEED, wait } from './report';
import { type KnownKey, keepBusy, Ledger, takeStock } from './traffic';

const MEMBERS = 6;
/** Limit for a slow machine, which acknowledges less before the kill. */
const LONGEST_LOAD_MS = 5_000;

type Launch = (settings: Record<string, string>) => Launched;

/** Acknowledged changes that aren't in the audit trail. */
function lostChanges(dataDir: string, ledger: Ledger): string[] {
  const sqlite = new BetterSqlite3(databaseFile({ dataDir }), { readonly: true, fileMustExist: true });
  try {
    const rows = sqlite
      .prepare<[], { entry: string }>(
        "select key_id || ' ' || action as entry from audit_entries where key_id is not null",
      )
      .all();
    const recorded = new Set(rows.map(({ entry }) => entry));
    return [...ledger.keys.values()].flatMap(({ id, acknowledged }) =>
      [...acknowledged].filter((event) => !recorded.has(`${id} ${event}`)).map((event) => `${id} ${event}`),
    );
  } finally {
    sqlite.close();
  }
}

/** Verifies these keys; returns those with a wrong response. */
async function wronglyVerified(url: string, keys: KnownKey[]): Promise<string[]> {
  const wrong: string[] = [];
  for (const { id, tool, rawKey, acknowledged, endingSent } of keys) {
    if (rawKey === null) continue;
    const response = await fetch(`${url}/verify/${tool}`, { headers: { authorization: `Bearer ${rawKey}` } });
    await response.arrayBuffer();
    const mayWork = !acknowledged.has('key.revoked');
    const mayFail = endingSent || !mayWork;
    const expected = (response.status === 200 && mayWork) || (response.status === 401 && mayFail);
    if (!expected) wrong.push(`verifying ${id} returned ${response.status}`);
  }
  return wrong;
}

interface Outcome {
  ledger: Ledger;
  verified: number;
  problems: string[];
}

/** Kills the server under load repeatedly, on the same folder, and checks the data after each restart. */
async function killRepeatedly(launch: Launch, kills: number, stopAtFirst = false): Promise<Outcome> {
  const random = randomFrom(SEED);
  const dataDir = temporaryFolder();
  const ledger = new Ledger();
  const problems: string[] = [];
  let verified = 0;
  let team: HttpTeam | null = null;
  let server = launch(onFolder(dataDir));
  try {
    let url = await ready(server);
    for (let round = 1; round <= kills; round++) {
      team = team === null ? await createHttpTeam(url, MEMBERS) : reconnect(url, team);
      await takeStock(team, ledger);
      const busy = keepBusy(team, ledger, random, () => false);
      const goal = ledger.acknowledgements + 15 + Math.floor(random() * amount(40, 250));
      for (let ms = 0; ledger.acknowledgements < goal && ms < LONGEST_LOAD_MS; ms += 5) await wait(5);
      server.child.kill('SIGKILL');
      await Promise.all([server.ended, busy]);
      server = launch(onFolder(dataDir));
      url = await ready(server);
      const raws = [...ledger.keys.values()].filter(({ rawKey }) => rawKey !== null);
      // After the last kill all keys; after the others the latest and a sample of the rest.
      const sample =
        round === kills
          ? raws
          : [...raws.slice(-60), ...Array.from({ length: 60 }, () => pick(random, raws))];
      const checked = sample.filter((key) => key !== undefined);
      verified += checked.length;
      problems.push(
        ...lostChanges(dataDir, ledger).map(
          (lost) => `after kill ${round}: ${lost} was acknowledged and is lost`,
        ),
        ...(await wronglyVerified(url, checked)).map((wrong) => `after kill ${round}: ${wrong}`),
        ...(await findCorruption(dataDir)).map((problem) => `after kill ${round}: ${problem}`),
      );
      if (stopAtFirst && problems.length > 0) break;
    }
  } finally {
    server.child.kill('SIGKILL');
    await server.ended;
  }
  return { ledger, verified, problems };
}

describe('A server killed with SIGKILL', () => {
  it(
    'under load keeps every acknowledged change with its audit entry, and a revoked key never works again',
    limit({ short: 60, full: 300 }),
    async ({ task }) => {
      const log = reportLog(task);
      const kills = amount(2, 30);
      const { ledger, verified, problems } = await killRepeatedly(launchServer, kills);
      log(
        `tried ${counted(kills, 'kill')} under the load of ${MEMBERS + 2} people: ${counted(ledger.acknowledgements, 'acknowledged change')} on ${counted(ledger.keys.size, 'key')}, ${ledger.unanswered} without a response (seed ${SEED})`,
      );
      log(`tried ${counted(verified, 'verification')} of issued keys after the restarts`);
      log(`found ${counted(problems.length, 'problem')}`);
      expect(problems).toEqual([]);
      expect(ledger.acknowledgements).toBeGreaterThan(kills * 10);
    },
  );

  it(
    'control: a server that responds before it commits is caught',
    limit({ short: 60, full: 120 }),
    async ({ task }) => {
      const launch: Launch = (settings) => launchControl('answers-before-commit', settings);
      const { ledger, problems } = await killRepeatedly(launch, 10, true);
      const lost = problems.filter((problem) => problem.includes('lost'));
      reportLog(task)(
        `control caught after ${counted(ledger.acknowledgements, 'acknowledged change')}: ${lost.length} lost, the first: ${lost[0]}`,
      );
      expect(lost.length).toBeGreaterThan(0);
    },
  );

  it(
    'at any moment of its first start completes the next start',
    limit({ short: 30, full: 120 }),
    async ({ task }) => {
      const log = reportLog(task);
      const random = randomFrom(SEED);
      const times = amount(3, 30);
      const problems: string[] = [];
      let interrupted = 0;
      for (let index = 0; index < times; index++) {
        const dataDir = temporaryFolder();
        const first = launchServer(onFolder(dataDir));
        await wait(150 + random() * 500);
        if (!first.stdout().includes('"msg":"serving"')) interrupted += 1;
        first.child.kill('SIGKILL');
        await first.ended;
        const second = launchServer(onFolder(dataDir));
        const { admins } = await createHttpTeam(await ready(second), 0);
        const catalogue = await admins[0].api.query('tools.available');
        if ((catalogue.data as unknown[]).length !== 5) problems.push('the catalogue is incomplete');
        second.child.kill('SIGTERM');
        if ((await second.ended) !== 0) problems.push('the second server did not exit with 0');
        problems.push(...(await findCorruption(dataDir)));
      }
      log(
        `tried ${counted(times, 'first start')}, ${interrupted} of them killed before the server was ready`,
      );
      log(`found ${counted(problems.length, 'problem')}`);
      expect(problems).toEqual([]);
    },
  );
});
