import { createHash } from 'node:crypto';
import { desc } from 'drizzle-orm';
import { maskRawKeys } from '~/crypto/key-format.server';
import type { Queries } from '~db/database';
import { auditEntries } from '~db/schema';
import type { UserRole } from '~db/schema/enums';
import type { Detail, Head } from './audit.schema';
import type { AuditAction } from './audit-actions';

/** Where a call came from. */
export interface ClientInfo {
  address: string | null;
  userAgent: string | null;
  requestId: string | null;
}

/** A signed-in user, and where the call came from. */
export interface Actor extends ClientInfo {
  id: string;
  email: string;
  name: string;
  role: UserRole;
}

/** Somebody who is not signed in, or the server itself; `email` as typed in, where there is one. */
export interface AnonymousActor extends ClientInfo {
  id: null;
  email: string | null;
}

/** The server acting by itself: at the start, or from the command line. */
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
  details?: Record<string, Detail | undefined>;
}

export type AuditEntry = typeof auditEntries.$inferSelect;

/** What the first entry names as its predecessor. */
export const GENESIS = '0'.repeat(64);

const USER_AGENT_LENGTH = 300;

/** The last entry's number and hash. */
export async function readHead(queries: Queries): Promise<Head> {
  const [head] = await queries
    .select({ seq: auditEntries.seq, hash: auditEntries.hash })
    .from(auditEntries)
    .orderBy(desc(auditEntries.seq))
    .limit(1);
  return head ?? { seq: 0, hash: GENESIS };
}

/**
 * Appends one entry to the chain, in the transaction of the change that it tells of: if it cannot be
 * written, the change does not happen.
 */
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
    userAgent: sanitize(event.by.userAgent?.slice(0, USER_AGENT_LENGTH) ?? null),
    requestId: event.by.requestId,
    details: sanitize(canonicalJson(event.details ?? {})),
    previousHash: head.hash,
  };
  await tx.insert(auditEntries).values({ ...entry, hash: hashEntry(entry) });
}

/**
 * What somebody typed, fit to be kept for ever: without the raw keys that people paste into reasons and
 * e-mail fields, and read back from the database exactly as it was hashed (a lone surrogate would not be).
 */
function sanitize<T extends string | null>(text: T): T | string {
  return text === null ? text : Buffer.from(maskRawKeys(text)).toString();
}

/**
 * SHA-256, hexadecimal, over every column but the hash itself, in a fixed order, as a JSON array: JSON's
 * quoting keeps two neighbouring fields from being read as one.
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
