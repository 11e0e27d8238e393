import { closeSync, fsyncSync, openSync } from 'node:fs';

/** Puts a file's content on disk for certain. */
export function syncFile(path: string): void {
  sync(path, 'r+');
}

/** Makes the names in a folder as durable as their files' contents. Windows has no such call and needs none. */
export function syncFolder(folder: string): void {
  if (process.platform !== 'win32') sync(folder, 'r');
}

function sync(path: string, flags: string): void {
  const handle = openSync(path, flags);
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
