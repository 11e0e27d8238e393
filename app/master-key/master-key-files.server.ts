import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { Config } from '~/core/config.server';
import { MASTER_KEY_BYTES, type MasterKey, toMasterKey } from '~/crypto/encryption.server';
import { syncDirectory } from '~/data-dir/fsync.server';
import { chownToDirectoryOwner } from '~/data-dir/ownership.server';

/** The message tells the operator what is wrong with the master key and what to do. */
export class MasterKeyError extends Error {}

/** The key file exists, but this user may not read it. */
export class UnreadableKeyError extends MasterKeyError {}

/** Where the master key is read from and where a rotation writes the next one. */
export interface MasterKeySource {
  /** For messages, such as `MASTER_KEY` or `the file /data/master.key`. */
  name: string;
  /** The file that the server created and may replace; null if the operator provides the key. */
  ownFile: string | null;
  /** The file that the key is read from; null if it is the value of `MASTER_KEY`. */
  file: string | null;
  /** Where a rotation writes the new key before the database switches to it. */
  nextFile: string;
  /**
   * Returns the current key; null if the file is missing.
   *
   * @throws MasterKeyError if it is malformed or can't be read.
   */
  read(): MasterKey | null;
}

/** The source according to the settings: `MASTER_KEY`, `MASTER_KEY_FILE`, or `master.key` in the data directory. */
export function masterKeySource({
  masterKey,
  dataDir,
}: Pick<Config, 'masterKey' | 'dataDir'>): MasterKeySource {
  const nextFile = join(dataDir, 'master.key.next');
  if (masterKey !== null && 'value' in masterKey) {
    const { value } = masterKey;
    const read = () => parseMasterKey(value, 'MASTER_KEY');
    return { name: 'MASTER_KEY', ownFile: null, file: null, nextFile, read };
  }
  if (masterKey !== null) {
    const { file } = masterKey;
    const name = `the file ${file} (MASTER_KEY_FILE)`;
    return { name, ownFile: null, file, nextFile, read: () => readKeyFile(file, name) };
  }
  const ownFile = join(dataDir, 'master.key');
  const name = `the file ${ownFile}`;
  return { name, ownFile, file: ownFile, nextFile, read: () => readKeyFile(ownFile, name) };
}

/** Returns null if the file doesn't exist. */
export function readKeyFile(file: string, name = `the file ${file}`): MasterKey | null {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (isMissing(error)) return null;
    throw new UnreadableKeyError(`Can't read the master key from ${name}. Give this user read access.`);
  }
  return parseMasterKey(text, name);
}

/** Whether the source reads this file, possibly by a link, so that removing it would remove the key. */
export function isFileOf({ file }: MasterKeySource, path: string): boolean {
  return file !== null && realpathSync(file) === realpathSync(path);
}

/**
 * Writes a new key to a new file that only its owner can read, and flushes it to disk. As root, gives it to the owner of
 * the directory.
 *
 * @throws Error with code EEXIST if the file exists: a key is never overwritten.
 */
export function createKeyFile(file: string): MasterKey {
  const bytes = randomBytes(MASTER_KEY_BYTES);
  const handle = openSync(file, 'wx', 0o600);
  try {
    writeSync(handle, `${bytes.toString('base64')}\n`);
    chownToDirectoryOwner(file);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  syncDirectory(dirname(file));
  return toMasterKey(bytes);
}

/** Renames a key file, replacing an existing one, and flushes the change to disk. */
export function moveKeyFile(from: string, to: string): void {
  renameSync(from, to);
  syncDirectory(dirname(to));
}

/** Only for a key that is also in another place. */
export function removeKeyFile(file: string): void {
  rmSync(file);
  syncDirectory(dirname(file));
}

/** Accepts 32 bytes as hexadecimal, base64 or base64url, with white space around them. */
function parseMasterKey(text: string, name: string): MasterKey {
  const trimmed = text.trim();
  const hexadecimal = /^[0-9a-f]{64}$/i.test(trimmed);
  if (!hexadecimal && !/^[A-Za-z0-9+/_-]{43}=?$/.test(trimmed)) {
    throw new MasterKeyError(
      `${capitalize(name)} must contain 32 bytes as base64 or hexadecimal, for example from \`openssl rand -base64 32\`.`,
    );
  }
  // Node's base64 decoder accepts base64url, too.
  return toMasterKey(Buffer.from(trimmed, hexadecimal ? 'hex' : 'base64'));
}

const capitalize = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

const isMissing = (error: unknown) => error instanceof Error && 'code' in error && error.code === 'ENOENT';
