import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../helpers/app';
import { createHttpTeam, type HttpPerson } from '../helpers/http-team';
import { requireProgram } from '../helpers/programs.mjs';
import { type Launched, launchControl, launchServer, onFolder, ready } from './processes';
import { amount, counted, limit, reportLog, wait } from './report';

/** Whether this machine lets one process watch another's system calls: only root's may, where Yama says so. */
const mayTrace = (() => {
  if (process.platform !== 'linux') return false;
  if (process.getuid?.() === 0) return true;
  const scope = '/proc/sys/kernel/yama/ptrace_scope';
  return !existsSync(scope) || readFileSync(scope, 'utf8').trim() === '0';
})();

/** What one line of the trace says, of those that matter here. */
type Seen = 'log written' | 'log on disk' | 'answered';

const PATTERNS: [RegExp, Seen][] = [
  [/ pwrite64\(\d+<[^>]*-wal>/, 'log written'],
  [/ (fsync|fdatasync)\(\d+<[^>]*-wal>/, 'log on disk'],
  [/ (write|writev|sendto)\(\d+<[^>]*>.*HTTP\/1\.1 200/, 'answered'],
];

/** Changes one after the other on a server whose writing, syncing and answering is watched: in that order. */
async function watchChanges(server: Launched, changes: number): Promise<Seen[]> {
  const url = await ready(server);
  const [, admin] = (await createHttpTeam(url, 0)).admins;
  const file = join(temporaryFolder(), 'trace');
  const strace = spawn(requireProgram('strace'), [
    ...['-f', '-y', '-s', '40', '-o', file, '-p', String(server.child.pid)],
    ...['-e', 'trace=pwrite64,fsync,fdatasync,write,writev,sendto'],
  ]);
  const ended = new Promise((resolve) => strace.once('close', resolve));
  await new Promise((resolve) => strace.stderr.once('data', resolve)); // it says that it is attached
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

/** Answers that left before what was written for them was on disk, and answers in all. */
function judge(seen: Seen[]): { answers: number; early: number } {
  let [answers, early, unsynced, written] = [0, 0, false, false];
  for (const event of seen) {
    if (event === 'log written') [unsynced, written] = [true, true];
    else if (event === 'log on disk') unsynced = false;
    else if (written) {
      answers += 1;
      if (unsynced) early += 1;
      [unsynced, written] = [false, false];
    }
  }
  return { answers, early };
}

describe.runIf(mayTrace)('A power cut (system calls watched with strace)', () => {
  it(
    'finds every acknowledged change on disk: the log is synced before the answer leaves',
    limit({ short: 60, full: 60 }),
    async ({ task }) => {
      const log = reportLog(task);
      const changes = amount(10, 200);
      const { answers, early } = judge(
        await watchChanges(launchServer(onFolder(temporaryFolder())), changes),
      );
      log(
        `tried ${counted(2 * changes, 'change')}: ${answers} answers after a write, ${early} of them before it was synced`,
      );
      expect(early).toBe(0);
      expect(answers).toBe(2 * changes);
    },
  );

  it(
    'control: a server that does not wait for the disk is caught',
    limit({ short: 60, full: 60 }),
    async ({ task }) => {
      const log = reportLog(task);
      const launched = launchControl('does-not-sync', onFolder(temporaryFolder()));
      const { answers, early } = judge(await watchChanges(launched, 10));
      log(`control caught: ${early} of ${answers} answers left before what they told of was on disk`);
      expect(early).toBeGreaterThan(10);
    },
  );
});
