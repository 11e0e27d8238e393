import { and, eq, isNotNull, isNull, ne, sql } from 'drizzle-orm';
import type { AppContext } from '~/app-context.server';
import { type Actor, record } from '~/audit/record.server';
import { newId } from '~/core/ids.server';
import { type Err, err, ok, type Result } from '~/core/result';
import { announceKey } from '~/keys/record-key-event.server';
import { revokeKeysOf } from '~/keys/revoke-key.server';
import type { KeyRow } from '~/keys/select-keys.server';
import type { Queries } from '~db/database';
import { keys, serviceAccounts } from '~db/schema';
import { findServiceAccount, mustFindServiceAccount } from './list-service-accounts.server';
import type {
  CreateServiceAccountInput,
  ServiceAccountView,
  UpdateServiceAccountInput,
} from './service-accounts.schema';

type Needs = Pick<AppContext, 'db' | 'events' | 'now'>;

const subjectOf = (id: string) => `service_account:${id}` as const;

/** Makes an account, which holds no key yet. Refuses: service-account-name-taken. */
export async function createServiceAccount(
  app: Needs,
  actor: Actor,
  input: CreateServiceAccountInput,
): Promise<Result<ServiceAccountView>> {
  const at = app.now();
  const account = { ...input, id: newId('sva'), createdBy: actor.id, createdAt: at };
  const outcome = await app.db.write(async (tx): Promise<Result<ServiceAccountView>> => {
    const refusal = await nameRefusal(tx, account);
    if (refusal !== null) return refusal;
    await tx.insert(serviceAccounts).values(account);
    await record(tx, {
      at,
      by: actor,
      action: 'service_account.created',
      subject: subjectOf(account.id),
      details: { ...input },
    });
    return ok(await mustFindServiceAccount(tx, account.id));
  });
  return announceAccount(app, outcome);
}

/**
 * Changes an account's name or purpose, enabled or not; its keys go on working, and the verify endpoint answers the new
 * name from the next call on. Nothing to change is answered, and leaves no trace.
 *
 * Refuses: service-account-not-found, service-account-name-taken.
 */
export async function updateServiceAccount(
  app: Needs,
  actor: Actor,
  { serviceAccountId: id, ...given }: UpdateServiceAccountInput,
): Promise<Result<ServiceAccountView>> {
  const at = app.now();
  const outcome = await app.db.write(async (tx): Promise<Result<ServiceAccountView>> => {
    const before = await findServiceAccount(tx, id);
    if (before === null) return err('service-account-not-found');
    const { name = before.name, purpose = before.purpose } = given;
    if (name === before.name && purpose === before.purpose) return ok(before);
    const refusal = await nameRefusal(tx, { id, name });
    if (refusal !== null) return refusal;
    await tx.update(serviceAccounts).set({ name, purpose }).where(eq(serviceAccounts.id, id));
    await record(tx, {
      at,
      by: actor,
      action: 'service_account.updated',
      subject: subjectOf(id),
      details: {
        name,
        nameBefore: name === before.name ? undefined : before.name,
        purpose,
        purposeBefore: purpose === before.purpose ? undefined : before.purpose,
      },
    });
    return ok(await mustFindServiceAccount(tx, id));
  });
  return announceAccount(app, outcome);
}

/**
 * Ends a workload's access: all its keys are revoked, in one transaction with an audit entry for each.
 *
 * Refuses: service-account-not-found, unchanged.
 */
export async function disableServiceAccount(
  app: Needs,
  actor: Actor,
  { serviceAccountId: id, reason }: { serviceAccountId: string; reason?: string },
): Promise<Result<ServiceAccountView>> {
  const at = app.now();
  let ended: KeyRow[] = [];
  const outcome = await app.db.write(async (tx): Promise<Result<ServiceAccountView>> => {
    const [changed] = await tx
      .update(serviceAccounts)
      .set({ disabledAt: at })
      .where(and(eq(serviceAccounts.id, id), isNull(serviceAccounts.disabledAt)))
      .returning({ name: serviceAccounts.name });
    if (changed === undefined) return await unchanged(tx, id, 'disabled');
    await record(tx, {
      at,
      by: actor,
      action: 'service_account.disabled',
      subject: subjectOf(id),
      details: { name: changed.name, reason },
    });
    ended = await revokeKeysOf(tx, {
      at,
      by: actor,
      holder: eq(keys.serviceAccountId, id),
      reason: reason ?? 'The service account was disabled.',
    });
    return ok(await mustFindServiceAccount(tx, id));
  });
  if (!outcome.ok) return outcome;
  announceAccount(app, outcome);
  for (const row of ended) announceKey(app, row);
  return outcome;
}

/**
 * Lets keys be issued for a disabled account again; those that were revoked stay so.
 * Refuses: service-account-not-found, unchanged.
 */
export async function enableServiceAccount(
  app: Needs,
  actor: Actor,
  id: string,
): Promise<Result<ServiceAccountView>> {
  const at = app.now();
  const outcome = await app.db.write(async (tx): Promise<Result<ServiceAccountView>> => {
    const [changed] = await tx
      .update(serviceAccounts)
      .set({ disabledAt: null })
      .where(and(eq(serviceAccounts.id, id), isNotNull(serviceAccounts.disabledAt)))
      .returning({ name: serviceAccounts.name });
    if (changed === undefined) return await unchanged(tx, id, 'enabled');
    await record(tx, {
      at,
      by: actor,
      action: 'service_account.enabled',
      subject: subjectOf(id),
      details: { name: changed.name },
    });
    return ok(await mustFindServiceAccount(tx, id));
  });
  return announceAccount(app, outcome);
}

/** Whether another account has this name, in whatever case. */
async function nameRefusal(tx: Queries, { id, name }: { id: string; name: string }): Promise<Err | null> {
  const sameName = eq(sql`lower(${serviceAccounts.name})`, name.toLowerCase());
  const [other] = await tx
    .select({ name: serviceAccounts.name })
    .from(serviceAccounts)
    .where(and(sameName, ne(serviceAccounts.id, id)));
  return other === undefined ? null : err('service-account-name-taken', { name: other.name });
}

async function unchanged(tx: Queries, id: string, state: string): Promise<Err> {
  const account = await findServiceAccount(tx, id);
  return account === null ? err('service-account-not-found') : err('unchanged', { state });
}

/** Tells admins' pages and the gateway, once the change is committed. */
function announceAccount(
  { events }: Pick<AppContext, 'events'>,
  outcome: Result<ServiceAccountView>,
): Result<ServiceAccountView> {
  if (outcome.ok) events.emit('service-account-changed', { serviceAccountId: outcome.value.id });
  return outcome;
}
