import { sql } from 'drizzle-orm';
import { blob, check, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import { dialects } from './enums';
import { users } from './users';

/** The catalogue of AI tools. */
export const tools = sqliteTable(
  'tools',
  {
    id: text('id').primaryKey(),
    slug: text('slug').notNull(),
    displayName: text('display_name').notNull(),
    requiresApproval: integer('requires_approval', { mode: 'boolean' }).notNull(),
    dialect: text('dialect', { enum: dialects }).notNull(),
    /** Null for the tool that is built into the server (Echo). */
    upstreamUrl: text('upstream_url'),
    /** The preset the tool was created from, which has client snippets and a logo. Null for a custom tool. */
    preset: text('preset'),
    /** The request header for the credential; only for the `generic` dialect. */
    credentialHeader: text('credential_header'),
    needsCredential: integer('needs_credential', { mode: 'boolean' }).notNull(),
    /** Whether an admin has confirmed plain http to a public address. */
    allowsPlainHttp: integer('allows_plain_http', { mode: 'boolean' }).notNull().default(false),
    /** How long to wait for the upstream's response headers. */
    headersTimeoutMs: integer('headers_timeout_ms').notNull().default(600_000),
    /** Concurrent calls at the gateway; null means only the server's own limit applies. */
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
 * Provider credentials, encrypted with AES-256-GCM and the master key `masterKeyId`. The tool's id is associated data,
 * so that a row copied to another tool can't be decrypted. A separate table, so that no query on tools selects one by
 * accident.
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
