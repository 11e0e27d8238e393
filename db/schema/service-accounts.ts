import { sql } from 'drizzle-orm';
import { check, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import { users } from './users';

/**
 * Identities for apps and pipelines that don't belong to one person. Nobody signs in as one. They stay when the admin
 * who created them leaves.
 */
export const serviceAccounts = sqliteTable(
  'service_accounts',
  {
    id: text('id').primaryKey(),
    /** Printable ASCII: the verify endpoint returns it in a header. */
    name: text('name').notNull(),
    purpose: text('purpose').notNull(),
    createdBy: text('created_by')
      .notNull()
      .references(() => users.id),
    createdAt: integer('created_at').notNull(),
    disabledAt: integer('disabled_at'),
  },
  (table) => [
    // Case-insensitive: `CI` and `ci` would be confused.
    uniqueIndex('service_accounts_name').on(sql`lower(${table.name})`),
    check('service_accounts_name_length', sql`length(${table.name}) between 2 and 60`),
    // No `@`: a proxy that trusts the header must not mistake an account for the user with that email address.
    check('service_accounts_name_plain', sql`${table.name} not glob '*[^A-Za-z0-9 ._/-]*'`),
    check('service_accounts_purpose', sql`length(${table.purpose}) between 3 and 200`),
  ],
);
