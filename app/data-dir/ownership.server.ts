import { lchownSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Gives a file that root has created to the owner of its directory, the user that the server runs as. Changes a link and
 * not its target: otherwise that user could replace the file with a link and be given any file of root's.
 */
export function chownToDirectoryOwner(path: string): void {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = statSync(dirname(path));
  lchownSync(path, uid, gid);
}

/** Whether other users may read, write or enter it. Always false on Windows. */
export function isOpenToOthers(path: string): boolean {
  return process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0;
}
