import { asc, count, eq, inArray, max, type SQL, sql } from 'drizzle-orm';
import type { Queries } from '~db/database';
import { keys, serviceAccounts, users } from '~db/schema';
import type { ServiceAccountView } from './service-accounts.schema';

/** Service accounts by name, with the totals of their keys. */
export async function selectServiceAccounts(
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
  const keyTotals = await queries
    .select({
      id: keys.serviceAccountId,
      activeKeys: count(sql`case when ${keys.status} = 'ACTIVE' then 1 end`),
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
  const totalsById = new Map(keyTotals.map(({ id, ...totals }) => [id, totals]));
  return rows.map((row) => ({ ...row, ...(totalsById.get(row.id) ?? { activeKeys: 0, lastUsedAt: null }) }));
}

export async function findServiceAccount(queries: Queries, id: string): Promise<ServiceAccountView | null> {
  const [account] = await selectServiceAccounts(queries, eq(serviceAccounts.id, id));
  return account ?? null;
}

/** For an account that this transaction has just written: its absence is a bug. */
export async function mustFindServiceAccount(queries: Queries, id: string): Promise<ServiceAccountView> {
  const account = await findServiceAccount(queries, id);
  if (account === null) throw new Error(`service account ${id} not found after writing it`);
  return account;
}
