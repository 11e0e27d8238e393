import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';

/**
 * The audit trail. Append-only: triggers reject UPDATE, DELETE and any INSERT that isn't the next entry.
 * No foreign keys, and emails are copied: an entry never changes, whatever happens to the rows it mentions.
 * `hash` covers all other columns, including the previous entry's hash.
 */
export const auditEntries = sqliteTable(
  'audit_entries',
  {
    seq: integer('seq').primaryKey(),
    at: integer('at').notNull(),
    actorId: text('actor_id'),
    actorEmail: text('actor_email'),
    action: text('action').notNull(),
    /** What the entry is about, as `noun:id`, for example `key:key_…`. */
    subject: text('subject').notNull(),
    keyId: text('key_id'),
    toolId: text('tool_id'),
    address: text('address'),
    userAgent: text('user_agent'),
    requestId: text('request_id'),
    /** A JSON object with sorted keys. */
    details: text('details').notNull(),
    previousHash: text('previous_hash').notNull(),
    hash: text('hash').notNull(),
  },
  (table) => [
    // One per filter, in the list's order. `at` comes last, so that a time range is filtered within the index.
    index('audit_actor').on(table.actorId, table.seq, table.at),
    index('audit_actor_email').on(table.actorEmail, table.seq, table.at),
    index('audit_action').on(table.action, table.seq, table.at),
    index('audit_key').on(table.keyId, table.seq, table.at),
    index('audit_tool').on(table.toolId, table.seq, table.at),
    index('audit_at').on(table.at, table.seq),
  ],
);
