import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../helpers/app';
import { createHttpTeam, type HttpPerson } from '../helpers/http-team';
import { requireProgram } from '../helpers/programs.mjs';
import { type Launched, ready } from '../helpers/server';
import { launchControl, launchServer, onFolder } from './processes';
import { amount, counted, limit, reportLog, wait } from './report';

/** Whether this process may trace another one's system calls; with Yama only root may. */
const mayTrace = (() => {
  if (process.platform !== 'linux') return false;
  if (process.getuid?.() === 0) return true;
  const scope = '/proc/sys/kernel/yama/ptrace_scope';
  return !existsSync(scope) || readFileSync(scope, 'utf8').trim() === '0';
})();

/** A line of the trace that matters. */
type SystemCall = 'wal written' | 'wal synced' | 'response sent';

const PATTERNS: [RegExp, SystemCall][] = [
  [/ pwrite64\(\d+<[^>]*-wal>/, 'wal written'],
  [/ (fsync|fdatasync)\(\d+<[^>]*-wal>/, 'wal synced'],
  [/ (write|writev|sendto)\(\d+<[^>]*>.*HTTP\/1\.1 200/, 'response sent'],
];

/** Makes changes one after the other on a server under strace; returns its writes, syncs and responses in order. */
async function watchChanges(server: Launched, changes: number): Promise<SystemCall[]> {
  const url = await ready(server);
  const [, admin] = (await createHttpTeam(url, 0)).admins;
  const file = join(temporaryFolder(), 'trace');
  const strace = spawn(requireProgram('strace'), [
    ...['-f', '-y', '-s', '40', '-o', file, '-p', String(server.child.pid)],
    ...['-e', 'trace=pwrite64,fsync,fdatasync,write,writev,sendto'],
  ]);
  const ended = new Promise((resolve) => strace.once('close', resolve));
  await new Promise((resolve) => strace.stderr.once('data', resolve)); // strace prints a line when it is attached
  for (let change = 0; change < changes; change++) await requestAndRevoke(admin);
  await wait(50);
  strace.kill('SIGINT');
  await ended;
  server.child.kill('SIGKILL');
  await server.ended;
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line) => PATTERNS.find(([pattern]) => pattern.test(line))?.[1] ?? []);
}

async function requestAndRevoke({ api }: HttpPerson): Promise<void> {
  const wanted = { tool: 'echo', environment: 'development', purpose: 'to be on disk' };
  const { data } = await api.mutate('keys.request', wanted);
  await api.mutate('keys.revoke', { keyId: (data as { key: { id: string } }).key.id });
}

/** Counts the responses after a write, and those among them that left before the write was synced. */
function countResponses(seen: SystemCall[]): { answers: number; early: number } {
  let [answers, early, unsynced, written] = [0, 0, false, false];
  for (const event of seen) {
    if (event === 'wal written') [unsynced, written] = [true, true];
    else if (event === 'wal synced') unsynced = false;
    else if (written) {
      answers += 1;
      if (unsynced) early += 1;
      [unsynced, written] = [false, false];
    }
  }
  return { answers, early };
}

describe.runIf(mayTrace)('A power cut (system calls traced with strace)', () => {
  it(
    'loses no acknowledged change: the write-ahead log is synced before the response leaves',
    limit({ short: 60, full: 60 }),
    async ({ task }) => {
      const log = reportLog(task);
      const changes = amount(10, 200);
      const { answers, early } = countResponses(
        await watchChanges(launchServer(onFolder(temporaryFolder())), changes),
      );
      log(
        `tried ${counted(2 * changes, 'change')}: ${answers} responses after a write, ${early} of them before it was synced`,
      );
      expect(early).toBe(0);
      expect(answers).toBe(2 * changes);
    },
  );

  it('control: a server that does not sync is caught', limit({ short: 60, full: 60 }), async ({ task }) => {
    const log = reportLog(task);
    const launched = launchControl('does-not-sync', onFolder(temporaryFolder()));
    const { answers, early } = countResponses(await watchChanges(launched, 10));
    log(`control caught: ${early} of ${answers} responses left before their change was synced`);
    expect(early).toBeGreaterThan(10);
  });
});
