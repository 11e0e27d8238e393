import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { getAsset, getRawAsset, isSea } from 'node:sea';
import { fileURLToPath } from 'node:url';

/** What the executable's list of the browser's files is called among its assets; each name is one, too. */
export const CLIENT_FILE_LIST = 'client-files.json';

/**
 * The files of the browser build, by the path they are asked for under (`/assets/root-1a2b.js`): out of the
 * one-file executable, where they lie in the memory that the system maps it to, else from the folder beside
 * the server's own.
 */
export function clientFiles(): Map<string, Uint8Array> {
  if (isSea()) {
    const names: string[] = JSON.parse(getAsset(CLIENT_FILE_LIST, 'utf8'));
    return new Map(names.map((name) => [name, new Uint8Array(getRawAsset(name) as ArrayBuffer)]));
  }
  const folder = join(dirname(fileURLToPath(import.meta.url)), '../client');
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  return new Map(
    paths.map((path) => [path.slice(folder.length).replaceAll(sep, '/'), readFileSync(path)] as const),
  );
}
