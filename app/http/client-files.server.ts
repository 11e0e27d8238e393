import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { getAsset, getRawAsset, isSea } from 'node:sea';
import { fileURLToPath } from 'node:url';

/** The asset of the single executable that lists the other assets: the files of the browser build. */
export const CLIENT_FILE_LIST = 'client-files.json';

/**
 * Reads the browser build: contents by URL path, such as `/assets/root-1a2b.js`. They come from the single executable,
 * without copying, or from the `client` folder next to the server's.
 */
export function readClientFiles(): Map<string, Uint8Array> {
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
