import { and, count, eq, isNull } from 'drizzle-orm';
import type { Queries } from '~db/database';
import { users } from '~db/schema';

/** The number of enabled admins. The last one can't be disabled, and may decide on their own request. */
export async function countEnabledAdmins(queries: Queries): Promise<number> {
  const [row] = await queries
    .select({ admins: count() })
    .from(users)
    .where(and(eq(users.role, 'admin'), isNull(users.disabledAt)));
  return row?.admins ?? 0;
}
