import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Bench, median, type Row, spread } from '../bench';
import { freePort } from './upstream';

const TARGET_MS = 1_000;
const STARTER = fileURLToPath(new URL('../../../app/bin/start.mjs', import.meta.url));

/** From the start of the process, on an empty folder, to the first page it has answered. */
export async function start(bench: Bench): Promise<Row[]> {
  const measured: number[] = [];
  for (let round = 0; round < bench.rounds + 1; round++) {
    const ms = await startMs(join(bench.folder, `data-${round}`));
    if (round > 0) measured.push(ms); // the first reads the files into the system's cache
  }
  bench.log(measured.map((ms) => ms.toFixed(0)).join(', '));
  return [
    {
      metric: 'from start to first response, empty database',
      target: '≤ 1 s',
      measured: `${spread(measured, 0)} ms, migrations and first catalogue included`,
      met: median(measured) <= TARGET_MS,
    },
  ];
}

async function startMs(dataDir: string): Promise<number> {
  const port = await freePort();
  const env = { ...process.env, PORT: String(port), DATA_DIR: dataDir, LOG_LEVEL: 'warn' };
  const started = performance.now();
  // What `npm start` runs, less npm itself.
  const child = spawn(process.execPath, [STARTER, 'serve'], { env, stdio: 'ignore' });
  const ended = once(child, 'close');
  try {
    while (child.exitCode === null) {
      const response = await fetch(`http://127.0.0.1:${port}/sign-in`).catch(() => null);
      if (response?.ok) {
        await response.text();
        return performance.now() - started;
      }
      await sleep(5);
    }
    throw new Error('the server ended');
  } finally {
    child.kill('SIGTERM');
    await ended;
  }
}
