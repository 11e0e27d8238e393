import { writeFileSync } from 'node:fs';
import BetterSqlite3 from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatHead, type Head } from '~/audit/audit.schema';
import { readBatches } from '~/audit/read-batches.server';
import { hashEntry } from '~/audit/record.server';
import { verifyChain } from '~/audit/verify-chain.server';
import { databaseFile } from '~/core/config.server';
import { queriesOn } from '~db/sqlite/connection.server';
import { temporaryFolder } from '../helpers/app';
import { callApi } from '../helpers/call-api';
import { type Company, createCompany } from '../helpers/company';
import { runCommand } from '../helpers/server';
import { amount, counted, limit, reportLog } from './report';
import { everyTampering, type Tampering } from './tampering';

let company: Company;
let original: Buffer;
let head: Head;

beforeAll(async () => {
  company = await createCompany();
}, 60_000);

afterAll(() => company.remove());

/** Records a real trail of at least this many entries, as the bytes of a database file. */
async function recordTrail(atLeast: number): Promise<void> {
  const app = await company.open();
  const { mara } = company.cookies;
  for (let entries = 0; entries < atLeast; ) {
    const answer = await callApi(app, mara, 'keys.request', 'mutation', {
      tool: 'mistral',
      environment: 'staging',
      purpose: `purpose ${entries}`,
    });
    const { result } = JSON.parse(answer.text) as { result: { data: { key: { id: string } } } };
    await callApi(app, mara, 'keys.revoke', 'mutation', { keyId: result.data.key.id });
    const last = app.db.connections.read
      .prepare<[], Head>('select seq, hash from audit_entries order by seq desc limit 1')
      .get();
    head = last ?? { seq: 0, hash: '' };
    entries = head.seq;
  }
  app.db.connections.write.pragma('wal_checkpoint(truncate)');
  original = app.db.connections.write.serialize();
  // The file's journal mode: there is no write-ahead log in memory.
  original.fill(1, 18, 20);
}

/** A copy whose triggers were dropped and whose entries were changed, as by an attacker who can write the file. */
function tampered({ tamper }: Pick<Tampering, 'tamper'>): BetterSqlite3.Database {
  const sqlite = new BetterSqlite3(original);
  for (const name of sqlite
    .prepare<[], string>(
      "select name from sqlite_master where type = 'trigger' and tbl_name = 'audit_entries'",
    )
    .pluck()
    .all())
    sqlite.exec(`drop trigger ${name}`);
  tamper(sqlite);
  return sqlite;
}

type Verify = (sqlite: BetterSqlite3.Database, kept?: Head) => Promise<number | null>;

/** The product's verification: the number of the first bad entry, or null. */
const verify: Verify = async (sqlite, kept) => {
  const verdict = await verifyChain(readBatches(queriesOn(sqlite), Number.MAX_SAFE_INTEGER), kept);
  return verdict.ok ? null : verdict.fault.seq;
};

describe('Tampering with the audit trail', () => {
  it(
    'is reported with the first bad entry; truncation and rewriting when compared with a saved head',
    limit({ short: 60, full: 300 }),
    async ({ task }) => {
      const log = reportLog(task);
      await recordTrail(amount(30, 90));
      const tamperings = everyTampering(head);
      const wrong: string[] = [];
      for (const tampering of tamperings) {
        const sqlite = tampered(tampering);
        const [alone, kept] = [await verify(sqlite), await verify(sqlite, head)];
        sqlite.close();
        const expected = tampering.onlyByHead ? null : tampering.firstBad;
        if (alone !== expected) wrong.push(`${tampering.what}: named ${alone} and not ${expected}`);
        if (kept !== tampering.firstBad)
          wrong.push(
            `${tampering.what}: named ${kept} and not ${tampering.firstBad} compared with the saved head`,
          );
      }
      const untouched = tampered({ tamper: () => undefined });
      expect(await verify(untouched, head)).toBeNull();
      log(
        `tried ${counted(tamperings.length, 'tampering')} with a trail of ${head.seq} entries: every column of every entry, removals, swaps, truncation, rewriting`,
      );
      log(`found ${counted(wrong.length, 'wrong report')}`);
      expect(wrong).toEqual([]);
    },
  );

  it(
    'makes `audit verify` exit with 1 and name the entry',
    limit({ short: 60, full: 60 }),
    async ({ task }) => {
      await recordTrail(amount(30, 40));
      for (const what of [
        'details of 7 changed',
        '12 removed',
        '9 swapped with its neighbour',
        'cut off before 20',
      ]) {
        const tampering = everyTampering(head).find((candidate) => candidate.what === what);
        if (tampering === undefined) throw new Error(`no tampering is called ${what}`);
        const dataDir = temporaryFolder();
        const sqlite = tampered(tampering);
        writeFileSync(databaseFile({ dataDir }), sqlite.serialize());
        sqlite.close();
        const { exitCode, stderr } = await runCommand(['audit', 'verify', '--head', formatHead(head)], {
          DATA_DIR: dataDir,
        });
        expect([what, exitCode]).toEqual([what, 1]);
        expect(stderr).toContain(`Intact up to entry ${tampering.firstBad - 1}.`);
        reportLog(task)(`tried ${what}: ${stderr.trim().split('\n')[0]}`);
      }
    },
  );

  it('control: a verifier that ignores the links is caught', async ({ task }) => {
    await recordTrail(20);
    const withoutLinks: Verify = async (sqlite) => {
      for await (const batch of readBatches(queriesOn(sqlite), Number.MAX_SAFE_INTEGER))
        for (const entry of batch) if (hashEntry(entry) !== entry.hash) return entry.seq;
      return null;
    };
    const missed: string[] = [];
    for (const tampering of everyTampering(head)) {
      const sqlite = tampered(tampering);
      if ((await withoutLinks(sqlite, head)) !== tampering.firstBad) missed.push(tampering.what);
      sqlite.close();
    }
    reportLog(task)(
      `control caught: ${counted(missed.length, 'tampering')} unnoticed, the first: ${missed[0]}`,
    );
    expect(missed).toContain('5 removed');
    expect(missed).toContain('5 changed, with its hash recomputed');
  });
});
