import { sql } from 'drizzle-orm';
import { check, index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import { environments, keyStatuses } from './enums';
import { requests } from './requests';
import { serviceAccounts } from './service-accounts';
import { tools } from './tools';
import { users } from './users';

/**
 * A user's or service account's access to a tool in one environment. The CHECKs mirror the state machine in
 * `app/keys/key-state-machine.ts`: there is no secret before the reveal, and a revoked key keeps its hash, so that
 * the gateway can say when it was revoked.
 */
export const keys = sqliteTable(
  'keys',
  {
    id: text('id').primaryKey(),
    requestId: text('request_id')
      .notNull()
      .references(() => requests.id),
    /** The user who holds the key; null for a service account's key. */
    holderId: text('holder_id').references(() => users.id),
    serviceAccountId: text('service_account_id').references(() => serviceAccounts.id),
    toolId: text('tool_id')
      .notNull()
      .references(() => tools.id),
    environment: text('environment', { enum: environments }).notNull(),
    status: text('status', { enum: keyStatuses }).notNull(),
    /** SHA-256 of the raw key in hexadecimal. Null before the reveal. */
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
    // Applies to users only: NULLs are distinct in a unique index, so a service account can have several live keys
    // per tool and environment, which it needs to rotate without downtime.
    uniqueIndex('keys_one_live')
      .on(table.holderId, table.toolId, table.environment)
      .where(sql`${table.status} in ('PENDING', 'ACTIVE')`),
    index('keys_holder').on(table.holderId, table.createdAt),
    index('keys_holder_status').on(table.holderId, table.status),
    index('keys_service_account')
      .on(table.serviceAccountId, table.createdAt)
      .where(sql`${table.serviceAccountId} is not null`),
    index('keys_tool').on(table.toolId, table.createdAt),
    index('keys_created').on(table.createdAt, table.id),
    index('keys_status').on(table.status, table.createdAt, table.id),
    index('keys_prefix').on(table.prefix),
    index('keys_pending').on(table.createdAt).where(sql`${table.status} = 'PENDING'`),
    check('keys_one_holder', sql`(${table.holderId} is null) <> (${table.serviceAccountId} is null)`),
    // Admins issue these directly: they are never pending and never wait for a reveal.
    check('keys_service_issued', sql`${table.serviceAccountId} is null or ${table.hash} is not null`),
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
