import { sql } from 'drizzle-orm';
import { check, index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import { requests } from './requests';
import { tools } from './tools';
import { users } from './users';
import { environments, keyStatuses } from './words';

/**
 * What a member holds for a tool in one environment. The CHECKs mirror the state machine in
 * `app/keys/key-status.ts`: no secret exists before a reveal, and a revoked key keeps its hash so that
 * the wire can tell its bearer when it was revoked.
 */
export const keys = sqliteTable(
  'keys',
  {
    id: text('id').primaryKey(),
    requestId: text('request_id')
      .notNull()
      .references(() => requests.id),
    holderId: text('holder_id')
      .notNull()
      .references(() => users.id),
    toolId: text('tool_id')
      .notNull()
      .references(() => tools.id),
    environment: text('environment', { enum: environments }).notNull(),
    status: text('status', { enum: keyStatuses }).notNull(),
    /** SHA-256 of the raw key, hexadecimal. Null until the reveal. */
    hash: text('hash'),
    prefix: text('prefix'),
    createdAt: integer('created_at').notNull(),
    revealedAt: integer('revealed_at'),
    lastUsedAt: integer('last_used_at'),
    revokedAt: integer('revoked_at'),
    revokedBy: text('revoked_by').references(() => users.id),
    revocationReason: text('revocation_reason'),
  },
  (table) => [
    uniqueIndex('keys_request').on(table.requestId),
    uniqueIndex('keys_hash').on(table.hash),
    uniqueIndex('keys_one_live')
      .on(table.holderId, table.toolId, table.environment)
      .where(sql`${table.status} in ('PENDING', 'ACTIVE')`),
    index('keys_holder').on(table.holderId, table.createdAt),
    index('keys_holder_status').on(table.holderId, table.status),
    index('keys_tool').on(table.toolId, table.createdAt),
    index('keys_created').on(table.createdAt, table.id),
    index('keys_status').on(table.status, table.createdAt, table.id),
    index('keys_prefix').on(table.prefix),
    index('keys_pending').on(table.createdAt).where(sql`${table.status} = 'PENDING'`),
    check('keys_environment', sql`${table.environment} in ('development', 'staging', 'production')`),
    check('keys_status', sql`${table.status} in ('PENDING', 'ACTIVE', 'REJECTED', 'REVOKED')`),
    check(
      'keys_secret_whole',
      sql`(${table.hash} is null) = (${table.prefix} is null) and (${table.hash} is null) = (${table.revealedAt} is null)`,
    ),
    check(
      'keys_no_secret_before_active',
      sql`${table.status} in ('ACTIVE', 'REVOKED') or ${table.hash} is null`,
    ),
    check('keys_revoked_when', sql`(${table.status} = 'REVOKED') = (${table.revokedAt} is not null)`),
    check('keys_used_is_revealed', sql`${table.lastUsedAt} is null or ${table.hash} is not null`),
  ],
);
