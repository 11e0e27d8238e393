import { closeSync, fsyncSync, openSync } from 'node:fs';

/** Flushes a file's content to disk. */
export function syncFile(path: string): void {
  sync(path, 'r+');
}

/** Flushes the names in a directory to disk, so that a new or renamed file survives a power cut. Windows does it itself. */
export function syncDirectory(directory: string): void {
  if (process.platform !== 'win32') sync(directory, 'r');
}

function sync(path: string, flags: string): void {
  const handle = openSync(path, flags);
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
