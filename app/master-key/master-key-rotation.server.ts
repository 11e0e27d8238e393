import { existsSync } from 'node:fs';
import { eq } from 'drizzle-orm';
import type { AppContext } from '~/app-context.server';
import { record, SYSTEM } from '~/audit/record.server';
import { err, ok, type Result } from '~/core/result';
import { createEncryption } from '~/crypto/encryption.server';
import type { Queries } from '~db/database';
import { toolCredentials } from '~db/schema';
import {
  keyIdInUse,
  recoverRotation,
  type SealedCredential,
  sealedCredentials,
  setKeyInUse,
  undecryptable,
} from './master-key.server';
import { createKeyFile, masterKeySource, moveKeyFile } from './master-key-files.server';

type MasterKeyContext = Pick<AppContext, 'config' | 'db' | 'log' | 'now'>;

/**
 * Creates a new master key and re-encrypts all credentials with it:
 *
 * 1. Write the new key to `master.key.next`.
 * 2. In one transaction, re-encrypt the credentials, store the new key's id, and record the rotation.
 * 3. Rename `master.key.next` to `master.key`.
 *
 * A crash at any point loses nothing: both keys are on disk, and the id in the database says which one is current. The
 * next start does step 3 or puts an unused new key aside (`recoverRotation`). If the operator provides the key, step 3 is
 * theirs, and until then the new key is read from `master.key.next`. A running server finds the new key by its id.
 *
 * @returns the new key's id, the number of credentials, and the file whose content the operator must put into the
 *   setting, or null. Errors: rotation-unfinished.
 */
export async function rotateMasterKey(
  context: MasterKeyContext & Pick<AppContext, 'encryption'>,
): Promise<Result<{ keyId: string; credentials: number; moveKeyFrom: string | null }>> {
  const source = masterKeySource(context.config);
  const result = await context.db.write(async (tx) => {
    const inUse = await keyIdInUse(tx);
    if (recoverRotation(source, inUse, context.log) !== null && source.ownFile === null) {
      return err('rotation-unfinished', { file: source.nextFile, setting: source.name });
    }
    const next = createKeyFile(source.nextFile);
    const nextEncryption = createEncryption(next);
    const sealed = await sealedCredentials(tx);
    for (const { toolId, ...row } of sealed) {
      const resealed = nextEncryption.seal(toolId, context.encryption.open(toolId, row));
      await tx.update(toolCredentials).set(resealed).where(eq(toolCredentials.toolId, toolId));
    }
    await setKeyInUse(tx, next.id, context.now());
    await record(tx, {
      at: context.now(),
      by: SYSTEM,
      action: 'master_key.rotated',
      subject: `master_key:${next.id}`,
      details: { previous: inUse, credentials: sealed.length },
    });
    return ok({ keyId: next.id, credentials: sealed.length });
  });
  if (!result.ok) return result;
  const { ownFile, nextFile } = source;
  context.encryption.use(result.value.keyId);
  // Another process that is starting may have renamed it already.
  if (ownFile !== null && existsSync(nextFile)) moveKeyFile(nextFile, ownFile);
  return ok({ ...result.value, moveKeyFrom: ownFile === null ? nextFile : null });
}

/**
 * Deletes the credentials that the master key can't decrypt. Without this, a server whose key is lost could never start
 * again.
 *
 * @returns the slugs of their tools.
 */
export async function forgetLostCredentials(
  { config, db, log, now }: MasterKeyContext,
  { dryRun }: { dryRun: boolean },
): Promise<string[]> {
  const source = masterKeySource(config);
  return await db.write(async (tx) => {
    const key = recoverRotation(source, await keyIdInUse(tx), log) ?? source.read();
    const sealed = await sealedCredentials(tx);
    const lost = key === null ? sealed : undecryptable(createEncryption(key), sealed);
    if (!dryRun) await deleteCredentials(tx, lost, now());
    return lost.map(({ slug }) => slug);
  });
}

/** Deletes undecryptable credentials in the caller's transaction and records each. */
export async function deleteCredentials(
  tx: Queries,
  credentials: SealedCredential[],
  at: number,
): Promise<void> {
  for (const { toolId, slug } of credentials) {
    await tx.delete(toolCredentials).where(eq(toolCredentials.toolId, toolId));
    await record(tx, {
      at,
      by: SYSTEM,
      action: 'credential.removed',
      subject: `tool:${toolId}`,
      toolId,
      details: { tool: slug, why: 'its master key is lost' },
    });
  }
}
