import { existsSync } from 'node:fs';
import { eq } from 'drizzle-orm';
import type { AppContext } from '~/app-context.server';
import { createEncryption, type Encryption, type MasterKey } from '~/crypto/encryption.server';
import { isOpenToOthers } from '~/data-dir/ownership.server';
import type { Queries } from '~db/database';
import { masterKeyInUse, toolCredentials, tools } from '~db/schema';
import {
  createKeyFile,
  isFileOf,
  MasterKeyError,
  type MasterKeySource,
  masterKeySource,
  moveKeyFile,
  readKeyFile,
  removeKeyFile,
  UnreadableKeyError,
} from './master-key-files.server';

type MasterKeyContext = Pick<AppContext, 'config' | 'db' | 'log' | 'now'>;

/**
 * Reads the master key, or creates one on a new server, and checks that it decrypts all credentials. Completes a rotation
 * that crashed; see `rotateMasterKey`.
 *
 * @throws MasterKeyError if the key is missing, malformed, or doesn't decrypt a credential; the message names the tools.
 */
export async function openEncryption({ config, db, log, now }: MasterKeyContext): Promise<Encryption> {
  const source = masterKeySource(config);
  // Under the write lock, so that no other process creates or rotates the key at the same time.
  const masterKey = await db.write(async (tx) => {
    const inUse = await keyIdInUse(tx);
    const sealed = await sealedCredentials(tx);
    const existing = recoverRotation(source, inUse, log) ?? source.read();
    const key = existing ?? createMasterKey(source, sealed, log);
    assertDecrypts(createEncryption(key), sealed, source);
    if (inUse !== key.id) await setKeyInUse(tx, key.id, now());
    return key;
  });
  if (source.ownFile !== null && isOpenToOthers(source.ownFile)) {
    log.warn({ file: source.ownFile }, 'other users of this machine can read the master key');
  }
  return createEncryption(masterKey, (keyId) => findKey(source, keyId));
}

/** Whether `keyId` is the current master key in this transaction, which another process may have rotated. */
export async function isKeyInUse(tx: Queries, keyId: string): Promise<{ inUse: string; same: boolean }> {
  const inUse = (await keyIdInUse(tx)) ?? keyId;
  return { inUse, same: inUse === keyId };
}

/** Returns the public id of the current master key; null before the first start. */
export async function keyIdInUse(tx: Queries): Promise<string | null> {
  const [row] = await tx.select({ keyId: masterKeyInUse.keyId }).from(masterKeyInUse);
  return row?.keyId ?? null;
}

export async function setKeyInUse(tx: Queries, keyId: string, since: number): Promise<void> {
  const row = { keyId, since };
  await tx
    .insert(masterKeyInUse)
    .values({ only: 1, ...row })
    .onConflictDoUpdate({ target: masterKeyInUse.only, set: row });
}

export type SealedCredential = Awaited<ReturnType<typeof sealedCredentials>>[number];

/** All credentials, sealed, with their tool's slug. */
export const sealedCredentials = (tx: Queries) =>
  tx
    .select({
      toolId: toolCredentials.toolId,
      masterKeyId: toolCredentials.masterKeyId,
      nonce: toolCredentials.nonce,
      sealed: toolCredentials.sealed,
      slug: tools.slug,
    })
    .from(toolCredentials)
    .innerJoin(tools, eq(tools.id, toolCredentials.toolId))
    .orderBy(tools.slug);

/**
 * Completes an interrupted rotation: makes the key files agree with the database. Call it with the write lock held.
 *
 * @returns the key of the next file if it is the current one; otherwise null.
 * @throws UnreadableKeyError if the next file can't be read, because it may contain the current key.
 */
export function recoverRotation(
  source: MasterKeySource,
  inUse: string | null,
  log: AppContext['log'],
): MasterKey | null {
  const { nextFile, ownFile } = source;
  if (!existsSync(nextFile)) return null;
  const next = readKeyOrNull(nextFile);
  if (next === null || next.id !== inUse) {
    // That rotation was never committed. The file is kept, as this may be a restored copy of the database.
    moveKeyFile(nextFile, `${nextFile}.unused`);
    return null;
  }
  if (ownFile !== null) {
    moveKeyFile(nextFile, ownFile);
    return next;
  }
  if (source.read()?.id === next.id && !isFileOf(source, nextFile)) {
    // The setting has this key now. An operator provides a key so that none is stored beside the credentials.
    removeKeyFile(nextFile);
    return null;
  }
  log.warn(`the master key was rotated; put the content of ${nextFile} into ${source.name} and restart`);
  return next;
}

/**
 * Returns null if the file is missing or malformed; a crash may have cut it short.
 *
 * @throws UnreadableKeyError
 */
function readKeyOrNull(file: string): MasterKey | null {
  try {
    return readKeyFile(file);
  } catch (error) {
    if (error instanceof MasterKeyError && !(error instanceof UnreadableKeyError)) return null;
    throw error;
  }
}

function createMasterKey(
  source: MasterKeySource,
  sealed: SealedCredential[],
  log: AppContext['log'],
): MasterKey {
  const { name, ownFile, nextFile } = source;
  if (sealed.length > 0) {
    throw new MasterKeyError(
      `The master key is missing: ${name} doesn't exist, and the provider credentials of ${slugs(sealed)} are encrypted with it. Put it back from its backup, or run \`master-key forget\` if it is lost for good.`,
    );
  }
  if (ownFile === null) throw new MasterKeyError(`The master key is missing: ${name} doesn't exist.`);
  const key = createKeyFile(nextFile);
  moveKeyFile(nextFile, ownFile);
  log.warn(
    { file: ownFile },
    'created a master key; back it up apart from the database, because provider credentials cannot be decrypted without it',
  );
  return key;
}

function assertDecrypts(encryption: Encryption, sealed: SealedCredential[], { name }: MasterKeySource): void {
  const lost = undecryptable(encryption, sealed);
  if (lost.length === 0) return;
  throw new MasterKeyError(
    `The master key in ${name} can't decrypt the provider credentials of ${slugs(lost)}: they were encrypted with another key. Put that one back, or run \`master-key forget\` if it is lost for good.`,
  );
}

/**
 * Returns the credentials that neither the master key nor the one of an unfinished rotation decrypts. Changes nothing.
 *
 * @throws MasterKeyError if the key that the settings name is malformed or can't be read.
 */
export async function lostCredentials(
  { config }: Pick<AppContext, 'config'>,
  queries: Queries,
): Promise<SealedCredential[]> {
  const source = masterKeySource(config);
  let lost = await sealedCredentials(queries);
  for (const key of [source.read(), readKeyOrNull(source.nextFile)])
    if (key !== null) lost = undecryptable(createEncryption(key), lost);
  return lost;
}

/** Returns the credentials that this encryption can't decrypt. */
export function undecryptable(encryption: Encryption, sealed: SealedCredential[]): SealedCredential[] {
  return sealed.filter(({ toolId, ...row }) => {
    try {
      encryption.open(toolId, row);
      return false;
    } catch {
      return true;
    }
  });
}

const slugs = (sealed: SealedCredential[]) => sealed.map(({ slug }) => slug).join(', ');

/** Finds the key of another process's rotation. */
function findKey(source: MasterKeySource, keyId: string): MasterKey | null {
  for (const read of [source.read, () => readKeyFile(source.nextFile)]) {
    try {
      const key = read();
      if (key?.id === keyId) return key;
    } catch (error) {
      if (!(error instanceof MasterKeyError)) throw error;
    }
  }
  return null;
}
