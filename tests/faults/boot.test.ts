import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Company, createCompany } from '../helpers/company';
import { launchServer } from './processes';
import { counted, limit, reportLog } from './report';
import { failures, mayMount, mountFailures, type StartFailure } from './start-failures';

let company: Company;

beforeAll(async () => {
  company = await createCompany();
}, 60_000);

afterAll(() => company.remove());

/** Temporary folders, whose names are random. */
const TEMPORARY = new RegExp(`${tmpdir()}/[\\w/-]+`, 'g');

/** Concurrent starts: each spends most of its time loading. */
const CONCURRENCY = 3;

/** Name and content of every file in a folder; empty where there is none. */
function fingerprint(folder: string): Record<string, string> {
  if (!existsSync(folder) || !statSync(folder).isDirectory()) return {};
  return Object.fromEntries(
    readdirSync(folder)
      .filter((name) => name.endsWith('.sqlite') || name.endsWith('.key'))
      .filter((name) => statSync(join(folder, name)).isFile())
      .map((name) => [
        name,
        createHash('sha256')
          .update(readFileSync(join(folder, name)))
          .digest('hex'),
      ]),
  );
}

/** What is wrong with how a start ended; empty when it printed one sentence that says what to do. */
function complaints(code: number | NodeJS.Signals, stdout: string, stderr: string, says: RegExp): string[] {
  const lines = stderr.trim().split('\n');
  return [
    ...(code === 1 ? [] : [`exit code ${code}`]),
    ...(lines.length === 1 ? [] : [`${lines.length} lines`]),
    ...(/[.]$/.test(stderr.trim()) ? [] : ['not a sentence']),
    ...(/\n\s+at |node:internal|Error:/.test(stderr) ? ['a stack'] : []),
    ...(says.test(stderr) ? [] : [`does not say ${says}`]),
    ...(/"msg":"serving"/.test(stdout) ? ['served anyway'] : []),
  ];
}

describe('A start that cannot succeed', () => {
  it(
    'stops with one sentence that says what to do, and changes nothing',
    limit({ short: 120, full: 240 }),
    async ({ task }) => {
      const log = reportLog(task);
      const wrong: string[] = [];
      const tried = mayMount() ? [...failures, ...mountFailures] : failures;
      const left = [...tried];
      const startOne = async ({ what, prepare, says, uid }: StartFailure) => {
        const settings = await prepare(company);
        const folder = settings.DATA_DIR ?? '';
        const before = fingerprint(folder);
        const { ended, stdout, stderr } = launchServer(settings, uid);
        const problems = complaints(await ended, stdout(), stderr(), says);
        const after = fingerprint(folder);
        for (const [name, hash] of Object.entries(before))
          if (after[name] !== hash) problems.push(`${name} was changed`);
        log(`tried: ${what}: ${stderr().trim().replaceAll(TEMPORARY, '…').slice(0, 300)}`);
        if (problems.length > 0) wrong.push(`${what}: ${problems.join(', ')}: ${stderr().slice(0, 400)}`);
      };
      const starters = Array.from({ length: CONCURRENCY }, async () => {
        for (let next = left.shift(); next !== undefined; next = left.shift()) await startOne(next);
      });
      await Promise.all(starters);
      if (tried === failures)
        log('not tried: a full and a read-only file system, because mounting is not permitted');
      log(`found ${counted(wrong.length, 'start')} that ended differently`);
      expect(wrong).toEqual([]);
    },
  );

  it('control: a program that just throws is caught', ({ task }) => {
    const thrown = spawnSync(process.execPath, ['-e', "throw new Error('no database')"], {
      encoding: 'utf8',
    });
    const problems = complaints(thrown.status ?? 0, thrown.stdout, thrown.stderr, /DATA_DIR/);
    reportLog(task)(`control caught: ${problems.join(', ')}`);
    expect(problems.length).toBeGreaterThan(2);
  });
});
