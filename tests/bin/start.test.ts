import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { whyUnsupported } from '../../app/bin/run-on-supported-node.mjs';

const WITH_NPM = new URL('../../app/bin/exit-with-parent.mjs', import.meta.url).href;
const EXCLUSIVE = fileURLToPath(new URL('../../app/bin/file-lock.mjs', import.meta.url));

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'my-ai-keys-start-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

describe('the Node that a start runs on', () => {
  it.each(['20.19.0', '20.20.2', '22.12.0', '22.20.1', '24.0.0', '24.21.0'])('may be %s', (version) => {
    expect(whyUnsupported(version)).toBeNull();
  });

  it.each(['18.20.8', '20.18.3', '21.7.3', '22.11.0', '23.9.0', '25.1.0', '26.0.0'])(
    'may not be %s, and one sentence says so',
    (version) => {
      expect(whyUnsupported(version)).toMatch(
        new RegExp(`^My AI Keys runs on Node 20 .+, 22 .+, 24 .+, and this is Node ${version}: .+\\.$`),
      );
    },
  );
});

/** A process that works alone in `folder` for a moment, and notes its beginning and end in `log`. */
function worker(notes: string, log: string): Promise<void> {
  const script = `
    import { appendFileSync } from 'node:fs';
    import { setTimeout as sleep } from 'node:timers/promises';
    import { exclusively } from ${JSON.stringify(EXCLUSIVE)};
    await exclusively(${JSON.stringify(notes)}, async () => {
      appendFileSync(${JSON.stringify(log)}, 'begins\\n');
      await sleep(60);
      appendFileSync(${JSON.stringify(log)}, 'ends\\n');
    }, () => {});`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' });
  return new Promise((resolve, reject) =>
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`ended with ${code}`)))),
  );
}

describe('a server that npm started, with a shell in between', () => {
  /** Says `serving`, and what its SIGTERM handler was called with. */
  const server = (script: string) => `
    import { stopWithNpm } from ${JSON.stringify(WITH_NPM)};
    stopWithNpm(${JSON.stringify(script)});
    setTimeout(() => process.exit(), 3_000);
    process.once('SIGTERM', (signal) => { console.log('stops by ' + signal); process.exit(); });
    console.log('serving');`;

  /** Ends the shell, as npm does when it is told to stop; answers all that the server has said by its end. */
  async function saidAfterShellEnds(script: string): Promise<string> {
    const command = `"$0" --input-type=module -e "$1"; :`; // the last word keeps a shell from becoming the server
    const shell = spawn('sh', ['-c', command, process.execPath, server(script)]);
    let said = '';
    shell.stdout.on('data', (chunk) => {
      said += chunk;
      if (String(chunk).includes('serving')) shell.kill('SIGTERM');
    });
    await new Promise((resolve) => shell.stdout.once('close', resolve));
    return said;
  }

  it('stops as by SIGTERM when the shell is ended', async () => {
    for (const script of ['start', 'cli'])
      expect(await saidAfterShellEnds(script)).toBe('serving\nstops by SIGTERM\n');
  });

  it('goes on when what started it was not npm', async () => {
    expect(await saidAfterShellEnds('test')).toBe('serving\n');
  }, 20_000);
});

describe('of several starts at once', () => {
  it('one works at a time, and each in its turn', async () => {
    const [notes, log] = [join(folder(), 'notes'), join(folder(), 'log')];
    await Promise.all(Array.from({ length: 5 }, () => worker(notes, log)));
    expect(readFileSync(log, 'utf8').trim().split('\n')).toEqual(
      Array.from({ length: 5 }, () => ['begins', 'ends']).flat(),
    );
    expect(readdirSync(notes)).toEqual([]);
  });

  it('a killed one does not hold up the next, and its note is cleared away', async () => {
    const [notes, log] = [join(folder(), 'notes'), join(folder(), 'log')];
    const killed = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)']);
    const gone = new Promise((resolve) => killed.once('exit', resolve));
    killed.kill('SIGKILL');
    await gone;
    mkdirSync(notes, { recursive: true });
    writeFileSync(
      join(notes, 'left-behind'),
      JSON.stringify({ host: hostname(), pid: killed.pid, child: null }),
    );
    await worker(notes, log);
    expect(readdirSync(notes)).toEqual([]);
  });

  it('the work that a killed one left running is waited for', async () => {
    const [notes, log] = [join(folder(), 'notes'), join(folder(), 'log')];
    const orphan = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)']);
    onTestFinished(() => void orphan.kill('SIGKILL'));
    mkdirSync(notes, { recursive: true });
    // Whose process has gone; the child that it had started has not.
    writeFileSync(
      join(notes, 'left-behind'),
      JSON.stringify({ host: hostname(), pid: 2 ** 30, child: orphan.pid }),
    );
    const next = worker(notes, log);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(() => readFileSync(log)).toThrow();
    orphan.kill('SIGKILL');
    await next;
    expect(readFileSync(log, 'utf8')).toBe('begins\nends\n');
  });
});
