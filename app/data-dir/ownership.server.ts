import { lchownSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Gives a file that root has made to the owner of its folder, as whom the server runs. A link that the folder's
 * owner laid in the file's place is given away itself, and not what it leads to.
 */
export function chownToFolderOwner(path: string): void {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = statSync(dirname(path));
  lchownSync(path, uid, gid);
}
