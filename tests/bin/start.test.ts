import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { addToLock } from '../../app/bin/directory-lock.mjs';
import { unsupportedNodeMessage } from '../../app/bin/require-supported-node.mjs';
import { engines, scripts } from '../../package.json';

const LOCK_MODULE = new URL('../../app/bin/directory-lock.mjs', import.meta.url).href;

function temporaryDirectory(): string {
  const path = mkdtempSync(join(tmpdir(), 'my-ai-keys-start-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

describe('the check of the Node version', () => {
  it.each(['20.19.0', '20.20.2', '22.12.0', '22.20.1', '24.0.0', '24.21.0'])('accepts Node %s', (version) => {
    expect(unsupportedNodeMessage(version)).toBeNull();
  });

  it.each(['18.20.8', '20.9.0', '20.18.3', '21.7.3', '22.11.0', '23.9.0', '25.1.0', '26.0.0'])(
    'rejects Node %s and names the versions to install',
    (version) => {
      expect(unsupportedNodeMessage(version)).toBe(
        `My AI Keys doesn't run on Node ${version}. Install Node 20.19.0, 22.12.0, 24.0.0 or a later release of one of these.`,
      );
    },
  );
});

describe('npm start and npm run cli', () => {
  /** A copy of start.mjs in a project where nothing needs to be built, with a server that logs how it is stopped. */
  function createProject(): string {
    const directory = temporaryDirectory();
    cpSync(new URL('../../app/bin', import.meta.url), join(directory, 'app', 'bin'), { recursive: true });
    writeFileSync(join(directory, 'package.json'), JSON.stringify({ engines, scripts }));
    writeFileSync(
      join(directory, 'app', 'bin', 'install-and-build.mjs'),
      'export const installAndBuild = async () => {};',
    );
    mkdirSync(join(directory, 'build', 'server'), { recursive: true });
    writeFileSync(
      join(directory, 'build', 'server', 'index.js'),
      `process.once('SIGTERM', (signal) => { console.log('stopped by ' + signal); process.exit(); });
       setTimeout(() => process.exit(), 5_000);
       console.log('serving');`,
    );
    return directory;
  }

  /** Runs a program that starts the server, stops it when the server is up, and returns the server's output. */
  async function outputAfterStopping(command: string, args: string[], env = process.env): Promise<string> {
    const parent = spawn(command, args, { cwd: createProject(), env });
    let output = '';
    parent.stdout.on('data', (chunk) => {
      output += chunk;
      if (String(chunk).includes('serving')) parent.kill('SIGTERM');
    });
    await once(parent.stdout, 'close');
    return output;
  }

  it.each(['start', 'cli'])(
    'stop the server if npm is stopped: npm run %s',
    async (script) => {
      const output = await outputAfterStopping('npm', ['run', '--silent', script]);
      expect(output).toBe('serving\nstopped by SIGTERM\n');
    },
    60_000,
  );

  it('keep the server running if a shell that started it without npm exits', async () => {
    const { npm_lifecycle_event: _, ...env } = process.env;
    const script = 'node app/bin/start.mjs serve; :'; // without the last command, the shell could become the server
    expect(await outputAfterStopping('sh', ['-c', script], env)).toBe('serving\n');
  }, 60_000);
});

describe('the lock for installing and building', () => {
  /** Starts a process that holds the lock for a moment and logs when it begins and ends. */
  async function work(lock: string, log: string): Promise<void> {
    const script = `
      import { appendFileSync } from 'node:fs';
      import { setTimeout as sleep } from 'node:timers/promises';
      import { withLock } from ${JSON.stringify(LOCK_MODULE)};
      await withLock(${JSON.stringify(lock)}, async () => {
        appendFileSync(${JSON.stringify(log)}, 'begin\\n');
        await sleep(60);
        appendFileSync(${JSON.stringify(log)}, 'end\\n');
      }, () => {});`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' });
    expect(await once(child, 'exit')).toEqual([0, null]);
  }

  function startSleeper(): ChildProcess & { pid: number } {
    const sleeper = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)']);
    onTestFinished(() => void sleeper.kill('SIGKILL'));
    return sleeper as ChildProcess & { pid: number };
  }

  async function kill(child: ChildProcess): Promise<void> {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  it('is held by one of several processes at a time, each in its turn', async () => {
    const directory = temporaryDirectory();
    const log = join(temporaryDirectory(), 'log');
    await Promise.all(Array.from({ length: 5 }, () => work(join(directory, 'lock'), log)));
    expect(readFileSync(log, 'utf8')).toBe('begin\nend\n'.repeat(5));
    expect(readdirSync(directory)).toEqual([]);
  });

  it('is taken over from a killed process, but not while a child of it still runs', async () => {
    const directory = temporaryDirectory();
    const [lock, log] = [join(directory, 'lock'), join(temporaryDirectory(), 'log')];
    const [holder, child] = [startSleeper(), startSleeper()];
    mkdirSync(lock);
    for (const { pid } of [holder, child]) addToLock(lock, pid);
    await kill(holder);
    const next = Promise.all(Array.from({ length: 3 }, () => work(lock, log)));
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(() => readFileSync(log)).toThrow('ENOENT');
    await kill(child);
    await next;
    expect(readFileSync(log, 'utf8')).toBe('begin\nend\n'.repeat(3));
    expect(readdirSync(directory)).toEqual([]);
  });

  it('left from an earlier boot is taken over, even if its process id is in use again', async () => {
    const directory = temporaryDirectory();
    const lock = join(directory, 'lock');
    mkdirSync(lock);
    writeFileSync(join(lock, `${startSleeper().pid}@${hostname()}@another-boot`), '');
    await work(lock, join(temporaryDirectory(), 'log'));
    expect(readdirSync(directory)).toEqual([]);
  });
});
