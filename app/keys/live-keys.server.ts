import { sql } from 'drizzle-orm';
import { keys } from '~db/schema';

/**
 * The condition that a key is live, spelt as in the partial index `keys_one_live`. With the statuses as
 * parameters SQLite could not tell that this index has the answer, and would walk all keys of the tool.
 */
export const isLiveKey = sql`${keys.status} in ('PENDING', 'ACTIVE')`;
