import { sql } from 'drizzle-orm';
import { check, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';

/**
 * The id of the master key that encrypts provider credentials: one row, never the key itself. A rotation commits
 * it together with the credentials, so that after a crash it tells which of two key files is current.
 */
export const masterKeyInUse = sqliteTable(
  'master_key_in_use',
  {
    only: integer('only').primaryKey().default(1),
    keyId: text('key_id').notNull(),
    since: integer('since').notNull(),
  },
  (table) => [check('master_key_in_use_one', sql`${table.only} = 1`)],
);
