import { and, eq, isNotNull, isNull } from 'drizzle-orm';
import type { ChangeContext } from '~/app-context.server';
import type { Actor } from '~/audit/record.server';
import { err, ok, type Result } from '~/core/result';
import { announceKey } from '~/keys/record-key-event.server';
import { revokeHolderKeys } from '~/keys/revoke-key.server';
import type { KeyRow } from '~/keys/select-keys.server';
import { keys, serviceAccounts } from '~db/schema';
import { announceServiceAccount, recordServiceAccountEvent } from './record-service-account-event.server';
import { findServiceAccount, mustFindServiceAccount } from './select-service-accounts.server';
import type { ServiceAccountView } from './service-accounts.schema';

/**
 * Disables an account and revokes all its keys, in one transaction with an audit entry for each.
 *
 * Errors: service-account-not-found, unchanged.
 */
export async function disableServiceAccount(
  app: ChangeContext,
  actor: Actor,
  { serviceAccountId: id, reason }: { serviceAccountId: string; reason?: string },
): Promise<Result<ServiceAccountView>> {
  return setStatus(app, actor, id, 'disabled', reason);
}

/** Allows keys to be issued again. Revoked keys stay revoked. Errors: service-account-not-found, unchanged. */
export async function enableServiceAccount(
  app: ChangeContext,
  actor: Actor,
  id: string,
): Promise<Result<ServiceAccountView>> {
  return setStatus(app, actor, id, 'enabled');
}

async function setStatus(
  app: ChangeContext,
  actor: Actor,
  id: string,
  status: 'enabled' | 'disabled',
  reason?: string,
): Promise<Result<ServiceAccountView>> {
  const at = app.now();
  const { disabledAt } = serviceAccounts;
  let revoked: KeyRow[] = [];
  const outcome = await app.db.write(async (tx): Promise<Result<ServiceAccountView>> => {
    const [updated] = await tx
      .update(serviceAccounts)
      .set({ disabledAt: status === 'disabled' ? at : null })
      .where(
        and(eq(serviceAccounts.id, id), status === 'disabled' ? isNull(disabledAt) : isNotNull(disabledAt)),
      )
      .returning({ name: serviceAccounts.name });
    if (updated === undefined) {
      const account = await findServiceAccount(tx, id);
      return account === null ? err('service-account-not-found') : err('unchanged', { state: status });
    }
    const details = { name: updated.name, reason };
    await recordServiceAccountEvent(tx, { at, by: actor, action: status, id, details });
    if (status === 'disabled') {
      revoked = await revokeHolderKeys(tx, {
        at,
        by: actor,
        holder: eq(keys.serviceAccountId, id),
        reason: reason ?? 'The service account was disabled.',
      });
    }
    return ok(await mustFindServiceAccount(tx, id));
  });
  announceServiceAccount(app, outcome);
  for (const row of revoked) announceKey(app, row);
  return outcome;
}
