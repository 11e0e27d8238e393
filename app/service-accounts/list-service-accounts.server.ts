import { asc, count, eq, inArray, isNotNull, isNull, max, type SQL, sql } from 'drizzle-orm';
import type { AppContext } from '~/app-context.server';
import { err, ok, type Result } from '~/core/result';
import { selectKeys, toKeyView } from '~/keys/select-keys.server';
import type { Queries } from '~db/database';
import { keys, serviceAccounts, users } from '~db/schema';
import type {
  ListServiceAccountsInput,
  ServiceAccountView,
  ServiceAccountWithKeys,
} from './service-accounts.schema';

type Reads = Pick<AppContext, 'db'>;

/** The service accounts, by name; in part where a search or a state is given. */
export async function listServiceAccounts(
  { db }: Reads,
  input: ListServiceAccountsInput,
): Promise<ServiceAccountView[]> {
  const state = {
    enabled: isNull(serviceAccounts.disabledAt),
    disabled: isNotNull(serviceAccounts.disabledAt),
  };
  const found = await selectServiceAccounts(db.read, input?.state && state[input.state]);
  const query = input?.query?.toLowerCase() ?? '';
  // Accounts are tens, and SQLite's own matching folds ASCII letters only.
  return found.filter(({ name, purpose }) => `${name}\n${purpose}`.toLowerCase().includes(query));
}

/** One account with all its keys. Refuses: service-account-not-found. */
export async function getServiceAccount({ db }: Reads, id: string): Promise<Result<ServiceAccountWithKeys>> {
  const account = await findServiceAccount(db.read, id);
  if (account === null) return err('service-account-not-found');
  const rows = await selectKeys(db.read, eq(keys.serviceAccountId, id));
  return ok({ ...account, keys: rows.map(toKeyView) });
}

export async function findServiceAccount(queries: Queries, id: string): Promise<ServiceAccountView | null> {
  const [account] = await selectServiceAccounts(queries, eq(serviceAccounts.id, id));
  return account ?? null;
}

/** The same for an account that the transaction `queries` has just written; its absence is a bug. */
export async function mustFindServiceAccount(queries: Queries, id: string): Promise<ServiceAccountView> {
  const account = await findServiceAccount(queries, id);
  if (account === null) throw new Error(`service account ${id} was written and cannot be read`);
  return account;
}

async function selectServiceAccounts(
  queries: Queries,
  where: SQL | undefined,
): Promise<ServiceAccountView[]> {
  const rows = await queries
    .select({
      id: serviceAccounts.id,
      name: serviceAccounts.name,
      purpose: serviceAccounts.purpose,
      createdAt: serviceAccounts.createdAt,
      createdBy: users.name,
      disabledAt: serviceAccounts.disabledAt,
    })
    .from(serviceAccounts)
    .innerJoin(users, eq(users.id, serviceAccounts.createdBy))
    .where(where)
    .orderBy(asc(sql`lower(${serviceAccounts.name})`));
  const held = await queries
    .select({
      id: keys.serviceAccountId,
      active: count(sql`case when ${keys.status} = 'ACTIVE' then 1 end`),
      lastUsedAt: max(keys.lastUsedAt),
    })
    .from(keys)
    .where(
      inArray(
        keys.serviceAccountId,
        rows.map(({ id }) => id),
      ),
    )
    .groupBy(keys.serviceAccountId);
  const byAccount = new Map(held.map((each) => [each.id, each]));
  return rows.map((row) => {
    const { active = 0, lastUsedAt = null } = byAccount.get(row.id) ?? {};
    return { ...row, activeKeys: active, lastUsedAt };
  });
}
