import { sql } from 'drizzle-orm';
import { blob, check, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import { dialects } from './enums';
import { users } from './users';

/** The organisation's catalogue of AI tools. */
export const tools = sqliteTable(
  'tools',
  {
    id: text('id').primaryKey(),
    slug: text('slug').notNull(),
    displayName: text('display_name').notNull(),
    requiresApproval: integer('requires_approval', { mode: 'boolean' }).notNull(),
    dialect: text('dialect', { enum: dialects }).notNull(),
    /** Null for a tool that the server answers itself (Echo). */
    upstreamUrl: text('upstream_url'),
    /** The preset that it was made from; decides client settings and logo. Null for a custom tool. */
    preset: text('preset'),
    /** The header that carries the credential upstream; used by the `generic` dialect only. */
    credentialHeader: text('credential_header'),
    needsCredential: integer('needs_credential', { mode: 'boolean' }).notNull(),
    /** The admin's word that plain http to a public address is wanted. */
    allowsPlainHttp: integer('allows_plain_http', { mode: 'boolean' }).notNull().default(false),
    /** How long to wait for the upstream's response headers. */
    headersTimeoutMs: integer('headers_timeout_ms').notNull().default(600_000),
    /** Concurrent calls at the gateway; null means the server's own limit only. */
    maxConcurrentPerKey: integer('max_concurrent_per_key'),
    maxConcurrent: integer('max_concurrent'),
    createdAt: integer('created_at').notNull(),
    archivedAt: integer('archived_at'),
  },
  (table) => [
    uniqueIndex('tools_slug').on(table.slug),
    check('tools_dialect', sql`${table.dialect} in ('openai', 'anthropic', 'gemini', 'generic')`),
    check(
      'tools_generic_header',
      sql`${table.dialect} <> 'generic' or ${table.needsCredential} = 0 or ${table.credentialHeader} is not null`,
    ),
  ],
);

/**
 * The provider's own secrets, sealed with AES-256-GCM under the master key that `masterKeyId` names,
 * with the tool's id as associated data: a row moved to another tool cannot be opened. A table of its
 * own, so that no query on tools can read one by accident.
 */
export const toolCredentials = sqliteTable('tool_credentials', {
  toolId: text('tool_id')
    .primaryKey()
    .references(() => tools.id),
  masterKeyId: text('master_key_id').notNull(),
  nonce: blob('nonce', { mode: 'buffer' }).notNull(),
  /** Ciphertext followed by the 16-byte authentication tag. */
  sealed: blob('sealed', { mode: 'buffer' }).notNull(),
  setAt: integer('set_at').notNull(),
  setBy: text('set_by')
    .notNull()
    .references(() => users.id),
});
