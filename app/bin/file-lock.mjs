import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const HEARTBEAT_MS = 1_000;
/** A note that was not touched for so long belongs to nobody any more. */
const SILENCE_MS = 15_000;
/** A child of a killed process works on without touching the note; for so long at most. */
const ORPHAN_MS = 10 * 60_000;

/**
 * Runs `work` while no other process runs its own in the same folder. Everybody lays a note of their own
 * first and looks for others' second, so of two that come at once at least one sees the other and steps
 * back. The holder touches its note every second; a killed one falls silent, and is told at once where
 * process ids can be compared.
 *
 * @template T
 * @param {string} folder holds the notes
 * @param {(note: (childPid: number | null) => void) => Promise<T>} work is handed a function that
 *   notes the child process which goes on if this one is killed
 * @param {() => void} onWait called once when somebody else is at work
 * @returns {Promise<T>}
 */
export async function exclusively(folder, work, onWait) {
  mkdirSync(folder, { recursive: true });
  const mine = `${process.pid}-${randomBytes(6).toString('hex')}`;
  const path = join(folder, mine);
  /** @type {Map<string, { mtimeMs: number, since: number }>} */
  const seen = new Map();
  let waited = false;

  /** @param {number | null} child */
  const note = (child) =>
    writeFileSync(path, JSON.stringify({ host: hostname(), pid: process.pid, child }), { mode: 0o600 });

  for (;;) {
    note(null);
    const others = readdirSync(folder).filter((name) => name !== mine);
    const gone = others.filter((name) => isAbandoned(join(folder, name), seen));
    if (gone.length === others.length) {
      for (const name of gone) rmSync(join(folder, name), { force: true });
      break;
    }
    rmSync(path, { force: true });
    await sleep(100 + Math.random() * 200);
    if (!waited && others.some((name) => seen.has(join(folder, name)))) {
      waited = true;
      onWait();
    }
  }

  const heartbeat = setInterval(() => utimesSync(path, new Date(), new Date()), HEARTBEAT_MS);
  const leave = () => rmSync(path, { force: true });
  process.once('exit', leave);
  try {
    return await work(note);
  } finally {
    clearInterval(heartbeat);
    process.off('exit', leave);
    leave();
  }
}

/**
 * @param {string} path
 * @param {Map<string, { mtimeMs: number, since: number }>} seen what was seen of each note, and when
 */
function isAbandoned(path, seen) {
  let mtimeMs;
  let holder;
  try {
    mtimeMs = statSync(path).mtimeMs;
    holder = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    // Taken away, or still being written.
    holder = null;
  }
  const now = performance.now();
  const before = seen.get(path);
  if (before === undefined || (mtimeMs !== undefined && before.mtimeMs !== mtimeMs)) {
    seen.set(path, { mtimeMs: mtimeMs ?? 0, since: now });
  }
  const silentMs = now - (seen.get(path)?.since ?? now);
  if (holder === null) return silentMs > SILENCE_MS;
  const comparable = holder.host === hostname();
  const childLives = comparable && holder.child !== null && isRunning(holder.child);
  if (comparable && !isRunning(holder.pid) && !childLives) return true;
  return silentMs > (childLives ? ORPHAN_MS : SILENCE_MS);
}

/** @param {number} pid */
function isRunning(pid) {
  // In a container the killed process had the same id as this one.
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}
