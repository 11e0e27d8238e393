import { existsSync } from 'node:fs';
import { eq } from 'drizzle-orm';
import type { AppContext } from '~/app-context.server';
import { createEncryption, type Encryption, type MasterKey } from '~/crypto/encryption.server';
import type { Queries } from '~db/database';
import { masterKeyInUse, toolCredentials, tools } from '~db/schema';
import {
  createKeyFile,
  isFileOf,
  isOpenToOthers,
  MasterKeyError,
  type MasterKeySource,
  masterKeySource,
  moveKeyFile,
  readKeyFile,
  removeKeyFile,
  UnreadableKeyError,
} from './master-key-files.server';

type Needs = Pick<AppContext, 'config' | 'db' | 'log' | 'now'>;

/**
 * Finds the master key, makes one on a new server, and proves that every sealed credential can be opened
 * with it. Ends what a crashed rotation left; see `rotateMasterKey`.
 *
 * @throws MasterKeyError when the key is missing, malformed, or not the one that the credentials are sealed
 * under; the message names the tools.
 */
export async function openEncryption({ config, db, log, now }: Needs): Promise<Encryption> {
  const source = masterKeySource(config);
  // Under the write lock, so that no other process generates or rotates meanwhile.
  const masterKey = await db.write(async (tx) => {
    const inUse = await keyIdInUse(tx);
    const sealed = await sealedCredentials(tx);
    const found = recoverRotation(source, inUse, log) ?? source.read();
    const key = found ?? generate(source, sealed, log);
    assertOpens(createEncryption(key), sealed, source);
    if (inUse !== key.id) await noteKeyInUse(tx, key.id, now());
    return key;
  });
  if (source.ownFile !== null && isOpenToOthers(source.ownFile)) {
    log.warn({ file: source.ownFile }, 'the master key can be read by other users of this machine');
  }
  return createEncryption(masterKey, (keyId) => findKey(source, keyId));
}

/** Whether `keyId` is the master key that seals now, by the word of this transaction. */
export async function isKeyInUse(tx: Queries, keyId: string): Promise<{ inUse: string; same: boolean }> {
  const inUse = (await keyIdInUse(tx)) ?? keyId;
  return { inUse, same: inUse === keyId };
}

/** The public id of the master key that seals now; null before the first start. */
export async function keyIdInUse(tx: Queries): Promise<string | null> {
  const [row] = await tx.select({ keyId: masterKeyInUse.keyId }).from(masterKeyInUse);
  return row?.keyId ?? null;
}

/** Notes which master key seals from now on. */
export async function noteKeyInUse(tx: Queries, keyId: string, since: number): Promise<void> {
  const row = { keyId, since };
  await tx
    .insert(masterKeyInUse)
    .values({ only: 1, ...row })
    .onConflictDoUpdate({ target: masterKeyInUse.only, set: row });
}

export type SealedCredential = Awaited<ReturnType<typeof sealedCredentials>>[number];

/** Every sealed credential, with the slug that people know its tool by. */
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
 * Brings key files and database together after a rotation that was cut short. Answers the key to use when it
 * is the one in the next file; null when that file says nothing. Call with the write lock held.
 *
 * @throws UnreadableKeyError when the next file cannot be read: it may hold the key that counts.
 */
export function recoverRotation(
  source: MasterKeySource,
  inUse: string | null,
  log: AppContext['log'],
): MasterKey | null {
  const { nextFile, ownFile } = source;
  if (!existsSync(nextFile)) return null;
  const next = keyIn(nextFile);
  if (next === null || next.id !== inUse) {
    // Its rotation never committed. Kept all the same: this may be a restored copy of the database.
    moveKeyFile(nextFile, `${nextFile}.unused`);
    return null;
  }
  if (ownFile !== null) {
    moveKeyFile(nextFile, ownFile);
    return next;
  }
  if (source.read()?.id === next.id && !isFileOf(source, nextFile)) {
    // The setting has it now. Left here it would lie beside what it seals, which a key of one's own is to prevent.
    removeKeyFile(nextFile);
    return null;
  }
  log.warn(`the master key was rotated: put the content of ${nextFile} into ${source.name} and restart`);
  return next;
}

/**
 * The key in this file; null when it is missing or holds no key, such as one that a crash cut short.
 *
 * @throws UnreadableKeyError
 */
function keyIn(file: string): MasterKey | null {
  try {
    return readKeyFile(file);
  } catch (error) {
    if (error instanceof MasterKeyError && !(error instanceof UnreadableKeyError)) return null;
    throw error;
  }
}

/** What `read` answers; null where no key can be had from there. */
function readable(read: () => MasterKey | null): MasterKey | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof MasterKeyError) return null;
    throw error;
  }
}

function generate(source: MasterKeySource, sealed: SealedCredential[], log: AppContext['log']): MasterKey {
  const { name, ownFile, nextFile } = source;
  if (sealed.length > 0) {
    throw new MasterKeyError(
      `The master key is missing: ${name} is not there, and the provider credentials of ${slugs(sealed)} are sealed under it. Put it back from its backup, or run \`master-key forget\` if it is lost for good.`,
    );
  }
  if (ownFile === null) throw new MasterKeyError(`The master key is missing: ${name} is not there.`);
  const key = createKeyFile(nextFile);
  moveKeyFile(nextFile, ownFile);
  log.warn(
    { file: ownFile },
    'made a master key; back it up apart from the database: without it the provider credentials cannot be opened',
  );
  return key;
}

function assertOpens(encryption: Encryption, sealed: SealedCredential[], { name }: MasterKeySource): void {
  const lost = undecryptable(encryption, sealed);
  if (lost.length === 0) return;
  throw new MasterKeyError(
    `The master key in ${name} cannot open the provider credentials of ${slugs(lost)}: it is not the one they are sealed under. Put the right one back, or run \`master-key forget\` if it is lost for good.`,
  );
}

/**
 * The credentials that no master key which is here opens. Looks only: neither key files nor rows change.
 *
 * @throws MasterKeyError when the key that the settings name is malformed or cannot be read.
 */
export async function lostCredentials(
  { config }: Pick<AppContext, 'config'>,
  queries: Queries,
): Promise<SealedCredential[]> {
  const source = masterKeySource(config);
  const here = [source.read(), keyIn(source.nextFile)];
  let lost = await sealedCredentials(queries);
  for (const key of here) if (key !== null) lost = undecryptable(createEncryption(key), lost);
  return lost;
}

/** Those of the credentials that this encryption cannot open. */
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

/** A key by its id, where the running server's own is no longer the one in use. */
function findKey(source: MasterKeySource, keyId: string): MasterKey | null {
  const candidates = [readable(source.read), readable(() => readKeyFile(source.nextFile))];
  return candidates.find((key) => key?.id === keyId) ?? null;
}
