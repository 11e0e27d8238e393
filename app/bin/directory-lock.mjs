import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const RETRY_MS = 200;
/** Longer than any install. Process ids of another machine or container can't be checked. */
const FOREIGN_ENTRY_MAX_AGE_MS = 15 * 60_000;
const HOST = encodeURIComponent(hostname());
/** Process ids are reused after a reboot. Linux names each boot. */
const BOOT_ID = readIfPresent('/proc/sys/kernel/random/boot_id').trim();

/**
 * Runs `work` while no other process holds the lock. The lock is a directory with an empty file for the holder and one
 * for each child that may outlive it. It is free once none of these processes runs.
 *
 * @param {string} directory
 * @param {() => Promise<void>} work
 * @param {() => void} onWait called once if another process holds the lock
 */
export async function withLock(directory, work, onWait) {
  if (!acquire(directory)) {
    onWait();
    do await sleep(RETRY_MS);
    while (!acquire(directory));
  }
  const release = () => removeEntries(directory, () => true);
  process.once('exit', release);
  await work().finally(release);
  process.off('exit', release);
}

/** Holds the lock until this process has exited, too. @param {string} directory @param {number} pid */
export const addToLock = (directory, pid) => writeFileSync(join(directory, `${pid}@${HOST}@${BOOT_ID}`), '');

/**
 * Moves a prepared directory into place. Unlike `mkdir`, this fails only if the lock has an entry, and leaves no moment
 * in which the lock has none and looks abandoned.
 *
 * @param {string} directory
 */
function acquire(directory) {
  const prepared = `${directory}.${process.pid}@${HOST}`;
  mkdirSync(prepared, { recursive: true });
  addToLock(prepared, process.pid);
  removeEntries(directory, isStale);
  try {
    renameSync(prepared, directory);
    return true;
  } catch {
    rmSync(prepared, { recursive: true });
    return false;
  }
}

/**
 * Removes entries, then the directory if it is empty. An entry's name belongs to one process, so this never removes the
 * lock of a process that has acquired it in the meantime.
 *
 * @param {string} directory
 * @param {(entry: string) => boolean} matches
 */
function removeEntries(directory, matches) {
  try {
    const entries = readdirSync(directory).map((name) => join(directory, name));
    for (const entry of entries.filter(matches)) rmSync(entry, { force: true });
    rmdirSync(directory);
  } catch {
    // In use, or already removed.
  }
}

/** @param {string} entry */
function isStale(entry) {
  const [pid, host, bootId] = basename(entry).split('@');
  if (host !== HOST) return Date.now() - statSync(entry).mtimeMs > FOREIGN_ENTRY_MAX_AGE_MS;
  // Our own id: in a restarted container, the killed process had the same one.
  return bootId !== BOOT_ID || Number(pid) === process.pid || !isRunning(Number(pid));
}

/** @param {number} pid */
function isRunning(pid) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EPERM') return false;
  }
  // A zombie has exited, but a container's first process may never collect it.
  return !readIfPresent(`/proc/${pid}/stat`).includes(') Z ');
}

/** @param {string} path */
export function readIfPresent(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
