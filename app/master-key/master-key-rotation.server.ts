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
  noteKeyInUse,
  recoverRotation,
  type SealedCredential,
  sealedCredentials,
  undecryptable,
} from './master-key.server';
import { createKeyFile, masterKeySource, moveKeyFile } from './master-key-files.server';

type Needs = Pick<AppContext, 'config' | 'db' | 'log' | 'now'>;

/**
 * Makes a new master key and seals every credential anew under it.
 *
 * Nothing is lost by a crash at any point, since the database decides which key counts, and both keys are on
 * disk while it does: (1) the new key goes into `master.key.next`, synced; (2) one transaction re-seals every
 * credential, notes the new key's id, and records the rotation; (3) `master.key.next` takes the place of
 * `master.key`. Stopped before (2) has committed, the next start puts the unused new key aside; stopped after
 * it, the next start does (3). A key that the operator brings (`MASTER_KEY`, `MASTER_KEY_FILE`) is not ours to
 * replace: the new one stays in `master.key.next`, and is used from there, until a start finds that the setting
 * holds it, and removes that file. A server that runs meanwhile finds the new key by its id.
 *
 * @returns the new key's id, how many credentials were re-sealed, and the file whose content the operator
 * must put into the setting, null where nothing is left to do. Refuses `rotation-unfinished`.
 */
export async function rotateMasterKey(
  app: Needs & Pick<AppContext, 'encryption'>,
): Promise<Result<{ keyId: string; credentials: number; moveKeyFrom: string | null }>> {
  const source = masterKeySource(app.config);
  const outcome = await app.db.write(async (tx) => {
    const inUse = await keyIdInUse(tx);
    if (recoverRotation(source, inUse, app.log) !== null && source.ownFile === null) {
      return err('rotation-unfinished', { file: source.nextFile, setting: source.name });
    }
    const next = createKeyFile(source.nextFile);
    const nextVault = createEncryption(next);
    const sealed = await sealedCredentials(tx);
    for (const { toolId, ...row } of sealed) {
      const again = nextVault.seal(toolId, app.encryption.open(toolId, row));
      await tx.update(toolCredentials).set(again).where(eq(toolCredentials.toolId, toolId));
    }
    await noteKeyInUse(tx, next.id, app.now());
    await record(tx, {
      at: app.now(),
      by: SYSTEM,
      action: 'master_key.rotated',
      subject: `master_key:${next.id}`,
      details: { previous: inUse, credentials: sealed.length },
    });
    return ok({ keyId: next.id, credentials: sealed.length });
  });
  if (!outcome.ok) return outcome;
  const { ownFile, nextFile } = source;
  app.encryption.use(outcome.value.keyId);
  // Missing when another process, starting just now, has moved it already.
  if (ownFile !== null && existsSync(nextFile)) moveKeyFile(nextFile, ownFile);
  return ok({ ...outcome.value, moveKeyFrom: ownFile === null ? nextFile : null });
}

/**
 * Finds the credentials that the present master key cannot open, deletes them if `really`, and answers the
 * slugs of their tools. For the day the key is lost for good, which otherwise would keep the server from ever
 * starting again.
 */
export async function forgetLostCredentials(
  { config, db, log, now }: Needs,
  { really }: { really: boolean },
): Promise<string[]> {
  const source = masterKeySource(config);
  return await db.write(async (tx) => {
    const key = recoverRotation(source, await keyIdInUse(tx), log) ?? source.read();
    const sealed = await sealedCredentials(tx);
    const lost = key === null ? sealed : undecryptable(createEncryption(key), sealed);
    if (really) await forgetCredentials(tx, lost, now());
    return lost.map(({ slug }) => slug);
  });
}

/** Deletes credentials that nothing opens any more, in the caller's transaction, and records each. */
export async function forgetCredentials(tx: Queries, lost: SealedCredential[], at: number): Promise<void> {
  for (const { toolId, slug } of lost) {
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
