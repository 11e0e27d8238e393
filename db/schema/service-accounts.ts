import { sql } from 'drizzle-orm';
import { check, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import { users } from './users';

/**
 * Production workloads with an identity of their own, apart from any person: a deploy pipeline, a bot, a nightly
 * job. Nobody signs in as one. It belongs to the organisation, not to the admin who made it, and outlives them.
 */
export const serviceAccounts = sqliteTable(
  'service_accounts',
  {
    id: text('id').primaryKey(),
    /** Printable ASCII: the verify endpoint answers it in a header. */
    name: text('name').notNull(),
    /** What runs as it. */
    purpose: text('purpose').notNull(),
    createdBy: text('created_by')
      .notNull()
      .references(() => users.id),
    createdAt: integer('created_at').notNull(),
    disabledAt: integer('disabled_at'),
  },
  (table) => [
    // Names differ in more than the case of their letters, or one is taken for the other.
    uniqueIndex('service_accounts_name').on(sql`lower(${table.name})`),
    check('service_accounts_name_length', sql`length(${table.name}) between 2 and 60`),
    // No `@`: whoever trusts the header must not take an account for the person with that e-mail address.
    check('service_accounts_name_plain', sql`${table.name} not glob '*[^A-Za-z0-9 ._/-]*'`),
    check('service_accounts_purpose', sql`length(${table.purpose}) between 3 and 200`),
  ],
);
