import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';

/**
 * The audit trail. Append-only: triggers refuse UPDATE and DELETE, and every INSERT but that of the next
 * entry. No foreign keys, and names as they were: an entry must say what it says whatever becomes of the
 * rows it speaks of. `hash` covers every other column and the previous entry's hash.
 */
export const auditEntries = sqliteTable(
  'audit_entries',
  {
    seq: integer('seq').primaryKey(),
    at: integer('at').notNull(),
    actorId: text('actor_id'),
    actorEmail: text('actor_email'),
    action: text('action').notNull(),
    /** What it happened to, as `noun:id`, for example `key:key_…`. */
    subject: text('subject').notNull(),
    keyId: text('key_id'),
    toolId: text('tool_id'),
    address: text('address'),
    userAgent: text('user_agent'),
    requestId: text('request_id'),
    /** A JSON object, keys sorted. */
    details: text('details').notNull(),
    previousHash: text('previous_hash').notNull(),
    hash: text('hash').notNull(),
  },
  (table) => [
    // Each filter's own order, newest first; the time at its end answers a time range from the index alone.
    index('audit_actor').on(table.actorId, table.seq, table.at),
    index('audit_actor_email').on(table.actorEmail, table.seq, table.at),
    index('audit_action').on(table.action, table.seq, table.at),
    index('audit_key').on(table.keyId, table.seq, table.at),
    index('audit_tool').on(table.toolId, table.seq, table.at),
    index('audit_at').on(table.at, table.seq),
  ],
);
