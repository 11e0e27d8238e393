import { createHash } from 'node:crypto';
import { desc } from 'drizzle-orm';
import { maskRawKeys } from '~/crypto/key-format.server';
import type { Queries } from '~db/database';
import { auditEntries } from '~db/schema';
import type { UserRole } from '~db/schema/enums';
import type { AuditDetail, Head } from './audit.schema';
import type { AuditAction } from './audit-actions';

/** Where a request came from. */
export interface ClientInfo {
  address: string | null;
  userAgent: string | null;
  requestId: string | null;
}

/** A signed-in user, and where the request came from. */
export interface Actor extends ClientInfo {
  id: string;
  email: string;
  name: string;
  role: UserRole;
}

/** Someone who isn't signed in, or the server itself. `email` is what they entered, if anything. */
export interface AnonymousActor extends ClientInfo {
  id: null;
  email: string | null;
}

/** The server itself, or a command. */
export const SYSTEM: AnonymousActor = {
  id: null,
  email: null,
  address: null,
  userAgent: null,
  requestId: null,
};

export interface AuditEvent {
  at: number;
  by: Actor | AnonymousActor;
  action: AuditAction;
  /** `noun:id`. */
  subject: `${string}:${string}`;
  keyId?: string;
  toolId?: string;
  details?: Record<string, AuditDetail | undefined>;
}

export type AuditEntry = typeof auditEntries.$inferSelect;

/** The previous hash of the first entry. */
export const GENESIS = '0'.repeat(64);

const MAX_USER_AGENT_LENGTH = 300;

/** The number and hash of the last entry. */
export async function readHead(queries: Queries): Promise<Head> {
  const [head] = await queries
    .select({ seq: auditEntries.seq, hash: auditEntries.hash })
    .from(auditEntries)
    .orderBy(desc(auditEntries.seq))
    .limit(1);
  return head ?? { seq: 0, hash: GENESIS };
}

/** Appends an entry to the chain. Runs in the transaction of the change it describes, so neither exists alone. */
export async function record(tx: Queries, event: AuditEvent): Promise<void> {
  const head = await readHead(tx);
  const entry = {
    seq: head.seq + 1,
    at: event.at,
    actorId: event.by.id,
    actorEmail: sanitize(event.by.email),
    action: event.action,
    subject: sanitize(event.subject),
    keyId: event.keyId ?? null,
    toolId: event.toolId ?? null,
    address: event.by.address,
    userAgent: sanitize(event.by.userAgent?.slice(0, MAX_USER_AGENT_LENGTH) ?? null),
    requestId: event.by.requestId,
    details: sanitize(canonicalJson(event.details ?? {})),
    previousHash: head.hash,
  };
  await tx.insert(auditEntries).values({ ...entry, hash: hashEntry(entry) });
}

/**
 * Prepares user input for permanent storage: masks raw keys that people paste into reasons and email fields, and
 * replaces lone surrogates, which would read back differently from what was hashed.
 */
function sanitize<T extends string | null>(text: T): T | string {
  return text === null ? text : Buffer.from(maskRawKeys(text)).toString();
}

/**
 * SHA-256 in hexadecimal over all columns except the hash, as a JSON array in a fixed order. JSON's quoting keeps the
 * boundaries between fields unambiguous.
 */
export function hashEntry(entry: Omit<AuditEntry, 'hash'>): string {
  const fields = [
    entry.previousHash,
    entry.seq,
    entry.at,
    entry.actorId,
    entry.actorEmail,
    entry.action,
    entry.subject,
    entry.keyId,
    entry.toolId,
    entry.address,
    entry.userAgent,
    entry.requestId,
    entry.details,
  ];
  return createHash('sha256').update(JSON.stringify(fields)).digest('hex');
}

function canonicalJson(details: NonNullable<AuditEvent['details']>): string {
  return JSON.stringify(Object.fromEntries(Object.entries(details).sort(([a], [b]) => (a < b ? -1 : 1))));
}
