import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { Config } from '~/core/config.server';
import { MASTER_KEY_BYTES, type MasterKey, toMasterKey } from '~/crypto/encryption.server';
import { syncFolder } from '~/data-dir/fsync.server';
import { chownToFolderOwner } from '~/data-dir/ownership.server';

/** The start or the rotation cannot go on; the message is a sentence for the person who runs the server. */
export class MasterKeyError extends Error {}

/** A key file is there and this user may not read it: what is in it, nobody here knows. */
export class UnreadableKeyError extends MasterKeyError {}

/** Where the master key comes from and where a rotation lays the next one. */
export interface MasterKeySource {
  /** How it is called in a sentence. */
  name: string;
  /** The file that the server made and may replace; null when the operator brings the key. */
  ownFile: string | null;
  /** The file that it is read from; null when the key stands in the settings. */
  file: string | null;
  /** Where a rotation lays the new key before the database knows of it. */
  nextFile: string;
  /**
   * The key as it is now; null when the file is missing.
   *
   * @throws MasterKeyError when it is there but is no key, or cannot be read.
   */
  read(): MasterKey | null;
}

/** The source that the settings choose: `MASTER_KEY`, `MASTER_KEY_FILE`, or a file of our own. */
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

/** The key in this file; null when there is no such file. */
export function readKeyFile(file: string, name = `the file ${file}`): MasterKey | null {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (isMissing(error)) return null;
    throw new UnreadableKeyError(`The master key cannot be read from ${name}: give this user the right to.`);
  }
  return parseMasterKey(text, name);
}

/** Whether this is the very file that a key is read from, by whatever way: with it the key would be gone. */
export function isFileOf({ file }: MasterKeySource, path: string): boolean {
  return file !== null && realpathSync(file) === realpathSync(path);
}

/** Whether somebody besides the file's owner may read it. */
export function isOpenToOthers(file: string): boolean {
  return process.platform !== 'win32' && (statSync(file).mode & 0o077) !== 0;
}

/**
 * A new key in a new file that only its owner can read, on disk for certain when this returns. Made by root, it
 * is the folder owner's, as whom the server runs.
 *
 * @throws Error with code EEXIST when the file is there already: a key is never written over.
 */
export function createKeyFile(file: string): MasterKey {
  const bytes = randomBytes(MASTER_KEY_BYTES);
  const handle = openSync(file, 'wx', 0o600);
  try {
    writeSync(handle, `${bytes.toString('base64')}\n`);
    chownToFolderOwner(file);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  syncFolder(dirname(file));
  return toMasterKey(bytes);
}

/** Puts a key file in another's place, or out of the way, in one step that is on disk when this returns. */
export function moveKeyFile(from: string, to: string): void {
  renameSync(from, to);
  syncFolder(dirname(to));
}

/** Takes a key file away whose key is kept elsewhere. */
export function removeKeyFile(file: string): void {
  rmSync(file);
  syncFolder(dirname(file));
}

/** 32 bytes in hexadecimal, base64 or base64url, white space around them allowed. */
function parseMasterKey(text: string, name: string): MasterKey {
  const trimmed = text.trim();
  const hexadecimal = /^[0-9a-f]{64}$/i.test(trimmed);
  if (!hexadecimal && !/^[A-Za-z0-9+/_-]{43}=?$/.test(trimmed)) {
    throw new MasterKeyError(
      `${capitalised(name)} must hold 32 bytes as base64 or hexadecimal, such as \`openssl rand -base64 32\` prints.`,
    );
  }
  // Node's base64 reads the URL-safe letters too.
  return toMasterKey(Buffer.from(trimmed, hexadecimal ? 'hex' : 'base64'));
}

const capitalised = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

const isMissing = (error: unknown) => error instanceof Error && 'code' in error && error.code === 'ENOENT';
