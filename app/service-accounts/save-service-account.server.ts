import { and, eq, ne, sql } from 'drizzle-orm';
import type { ChangeContext } from '~/app-context.server';
import type { Actor } from '~/audit/record.server';
import { newId } from '~/core/ids.server';
import { type Err, err, ok, type Result } from '~/core/result';
import type { Queries } from '~db/database';
import { serviceAccounts } from '~db/schema';
import { announceServiceAccount, recordServiceAccountEvent } from './record-service-account-event.server';
import { findServiceAccount, mustFindServiceAccount } from './select-service-accounts.server';
import type {
  CreateServiceAccountInput,
  ServiceAccountView,
  UpdateServiceAccountInput,
} from './service-accounts.schema';

/** Errors: service-account-name-taken. */
export async function createServiceAccount(
  app: ChangeContext,
  actor: Actor,
  input: CreateServiceAccountInput,
): Promise<Result<ServiceAccountView>> {
  const at = app.now();
  const id = newId('sva');
  const outcome = await app.db.write(async (tx): Promise<Result<ServiceAccountView>> => {
    const nameTaken = await checkName(tx, id, input.name);
    if (nameTaken !== null) return nameTaken;
    await tx.insert(serviceAccounts).values({ ...input, id, createdBy: actor.id, createdAt: at });
    await recordServiceAccountEvent(tx, { at, by: actor, action: 'created', id, details: { ...input } });
    return ok(await mustFindServiceAccount(tx, id));
  });
  return announceServiceAccount(app, outcome);
}

/**
 * Changes name or purpose; what the input leaves out stays. Keys keep working, and the verify endpoint returns the new name
 * immediately. Without a difference it succeeds and records nothing.
 *
 * Errors: service-account-not-found, service-account-name-taken.
 */
export async function updateServiceAccount(
  app: ChangeContext,
  actor: Actor,
  { serviceAccountId: id, ...input }: UpdateServiceAccountInput,
): Promise<Result<ServiceAccountView>> {
  const at = app.now();
  const outcome = await app.db.write(async (tx): Promise<Result<ServiceAccountView>> => {
    const before = await findServiceAccount(tx, id);
    if (before === null) return err('service-account-not-found');
    const { name = before.name, purpose = before.purpose } = input;
    if (name === before.name && purpose === before.purpose) return ok(before);
    const nameTaken = await checkName(tx, id, name);
    if (nameTaken !== null) return nameTaken;
    await tx.update(serviceAccounts).set({ name, purpose }).where(eq(serviceAccounts.id, id));
    const details = {
      name,
      nameBefore: name === before.name ? undefined : before.name,
      purpose,
      purposeBefore: purpose === before.purpose ? undefined : before.purpose,
    };
    await recordServiceAccountEvent(tx, { at, by: actor, action: 'updated', id, details });
    return ok(await mustFindServiceAccount(tx, id));
  });
  return announceServiceAccount(app, outcome);
}

/** Names are unique, ignoring case. */
async function checkName(tx: Queries, id: string, name: string): Promise<Err | null> {
  const sameName = eq(sql`lower(${serviceAccounts.name})`, name.toLowerCase());
  const [other] = await tx
    .select({ name: serviceAccounts.name })
    .from(serviceAccounts)
    .where(and(sameName, ne(serviceAccounts.id, id)));
  return other === undefined ? null : err('service-account-name-taken', { name: other.name });
}
