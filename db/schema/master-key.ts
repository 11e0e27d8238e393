import { sql } from 'drizzle-orm';
import { check, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';

/**
 * Which master key seals provider credentials now: one row with the key's public id, never the key. It is
 * what a rotation commits, so that after a crash it is plain which of two key files counts.
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
