import { eq, isNotNull, isNull } from 'drizzle-orm';
import type { AppContext } from '~/app-context.server';
import { err, ok, type Result } from '~/core/result';
import { selectKeys, toKeyView } from '~/keys/select-keys.server';
import { keys, serviceAccounts } from '~db/schema';
import { findServiceAccount, selectServiceAccounts } from './select-service-accounts.server';
import type {
  ListServiceAccountsInput,
  ServiceAccountView,
  ServiceAccountWithKeys,
} from './service-accounts.schema';

const stateConditions = {
  enabled: isNull(serviceAccounts.disabledAt),
  disabled: isNotNull(serviceAccounts.disabledAt),
};

/** The service accounts that match the filters, by name. */
export async function listServiceAccounts(
  { db }: Pick<AppContext, 'db'>,
  { query = '', state }: NonNullable<ListServiceAccountsInput> = {},
): Promise<ServiceAccountView[]> {
  const accounts = await selectServiceAccounts(db.read, state && stateConditions[state]);
  // Compared in JavaScript because SQLite folds the case of ASCII letters only. Accounts are few.
  const folded = query.toLowerCase();
  return accounts.filter(({ name, purpose }) => `${name}\n${purpose}`.toLowerCase().includes(folded));
}

/** One account with its keys. Errors: service-account-not-found. */
export async function getServiceAccount(
  { db }: Pick<AppContext, 'db'>,
  id: string,
): Promise<Result<ServiceAccountWithKeys>> {
  const account = await findServiceAccount(db.read, id);
  if (account === null) return err('service-account-not-found');
  const rows = await selectKeys(db.read, eq(keys.serviceAccountId, id));
  return ok({ ...account, keys: rows.map(toKeyView) });
}
