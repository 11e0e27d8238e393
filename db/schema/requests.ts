import { sql } from 'drizzle-orm';
import { check, index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { decisions } from './enums';
import { users } from './users';

/**
 * A request for a key, and its decision. Each key has exactly one request, created together with it; tool, environment
 * and holder are columns of the key. For a service account's key, the requester is the admin who issued it.
 */
export const requests = sqliteTable(
  'requests',
  {
    id: text('id').primaryKey(),
    requesterId: text('requester_id')
      .notNull()
      .references(() => users.id),
    purpose: text('purpose').notNull(),
    createdAt: integer('created_at').notNull(),
    decision: text('decision', { enum: decisions }),
    decidedAt: integer('decided_at'),
    decidedBy: text('decided_by').references(() => users.id),
    reason: text('reason'),
  },
  (table) => [
    index('requests_requester').on(table.requesterId, table.createdAt),
    check(
      'requests_decision',
      sql`${table.decision} is null or ${table.decision} in ('auto-issued', 'approved', 'rejected', 'withdrawn')`,
    ),
    check('requests_decided_whole', sql`(${table.decision} is null) = (${table.decidedAt} is null)`),
    check(
      'requests_rejection_reason',
      sql`${table.decision} is distinct from 'rejected' or (${table.reason} is not null and length(${table.reason}) > 0)`,
    ),
    check('requests_purpose', sql`length(${table.purpose}) between 3 and 200`),
  ],
);
