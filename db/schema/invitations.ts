import { sql } from 'drizzle-orm';
import { check, index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import { userRoles } from './enums';
import { users } from './users';

/** One-time links to create an account. Only the SHA-256 of the link's token is stored. */
export const invitations = sqliteTable(
  'invitations',
  {
    id: text('id').primaryKey(),
    tokenHash: text('token_hash').notNull(),
    email: text('email').notNull(),
    role: text('role', { enum: userRoles }).notNull(),
    invitedBy: text('invited_by')
      .notNull()
      .references(() => users.id),
    createdAt: integer('created_at').notNull(),
    expiresAt: integer('expires_at').notNull(),
    acceptedAt: integer('accepted_at'),
    revokedAt: integer('revoked_at'),
  },
  (table) => [
    uniqueIndex('invitations_token_hash').on(table.tokenHash),
    // One open link per address: a second one could lie forgotten in an inbox.
    uniqueIndex('invitations_open_email')
      .on(table.email)
      .where(sql`${table.acceptedAt} is null and ${table.revokedAt} is null`),
    index('invitations_created').on(table.createdAt),
    check('invitations_role', sql`${table.role} in ('member', 'admin')`),
  ],
);
