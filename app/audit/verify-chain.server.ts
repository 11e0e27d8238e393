import type { AppContext } from '~/app-context.server';
import type { Queries } from '~db/database';
import type { Head } from './audit.schema';
import { readBatches } from './read-batches.server';
import { type AuditEntry, GENESIS, hashEntry, readHead } from './record.server';

export type ChainFaultKind =
  | 'changed'
  | 'relinked'
  | 'moved'
  | 'removed'
  | 'misplaced'
  | 'unlinked'
  | 'rewritten'
  | 'truncated'
  | 'unreadable';

/** The first place where the trail differs from what was recorded. */
export interface ChainFault {
  /** The number of the faulty entry, or of the first missing one. */
  seq: number;
  kind: ChainFaultKind;
  /** A sentence for people. */
  message: string;
}

/** `head` is the last entry before the fault, or the trail's last entry. */
export type ChainVerdict = { ok: true; head: Head } | { ok: false; head: Head; fault: ChainFault };

/** Thrown by a source of entries when it can't read the next one. */
export class UnreadableEntryError extends Error {}

/** How far to search for a moved entry's original position, and for a missing entry among the following ones. */
const SEARCH_WINDOW = 1_000;

const fault = (seq: number, kind: ChainFaultKind, message: string): ChainFault => ({ seq, kind, message });

/** Verifies the trail in the database up to its current head. */
export async function verifyStoredChain(queries: Queries, savedHead?: Head): Promise<ChainVerdict> {
  const { seq } = await readHead(queries);
  return await verifyChain(readBatches(queries, seq), savedHead);
}

/** Verifies the trail in the database, and logs a fault. */
export async function verifyAuditTrail(
  { db, log }: Pick<AppContext, 'db' | 'log'>,
  savedHead?: Head,
): Promise<ChainVerdict> {
  const verdict = await verifyStoredChain(db.read, savedHead);
  if (!verdict.ok) log.error({ fault: verdict.fault }, 'audit trail verification failed');
  return verdict;
}

/**
 * Verifies a whole chain, oldest entry first: recomputes every hash, follows every link, and returns the first fault.
 * The chain alone can't show that its newest entries were deleted, or that every hash was recomputed. A head saved
 * earlier outside the database shows both.
 *
 * @param batches all entries ordered by `seq`, from the database or an export.
 */
export async function verifyChain(
  batches: AsyncIterable<AuditEntry[]>,
  savedHead?: Head,
): Promise<ChainVerdict> {
  let head: Head = { seq: 0, hash: GENESIS };
  let gap: ChainFault | null = null;
  let scanned = 0;
  const check = (entry: AuditEntry): ChainFault | null => {
    if (gap !== null) {
      // The entry may be missing or only be further on: scan the following ones to find out.
      const { seq } = gap;
      if (entry.seq === seq)
        return fault(seq, 'misplaced', `Entry ${seq} is in the wrong place, further on.`);
      return ++scanned > SEARCH_WINDOW ? gap : null;
    }
    const found = findFault(entry, head, savedHead);
    if (found === null) head = { seq: entry.seq, hash: entry.hash };
    else if (found.kind === 'removed') gap = found;
    else return found;
    return null;
  };
  const failed = (found: ChainFault): ChainVerdict => ({ ok: false, head, fault: found });
  try {
    for await (const batch of batches) {
      for (const entry of batch) {
        const found = check(entry);
        if (found !== null) return failed(found);
      }
    }
  } catch (error) {
    if (!(error instanceof UnreadableEntryError)) throw error;
    return failed(gap ?? fault(head.seq + 1, 'unreadable', error.message));
  }
  if (gap !== null) return failed(gap);
  if (savedHead !== undefined && head.seq < savedHead.seq) {
    const message = `The trail ends at entry ${head.seq}, but it had ${savedHead.seq} when the head was saved: the last entries were removed.`;
    return failed(fault(head.seq + 1, 'truncated', message));
  }
  return { ok: true, head };
}

/** Compares `entry` with the head before it; null when it continues the chain. */
function findFault(entry: AuditEntry, previous: Head, savedHead: Head | undefined): ChainFault | null {
  const { seq } = entry;
  const expected = previous.seq + 1;
  if (seq > expected) return removed(expected, seq - 1);
  if (seq !== expected) {
    return fault(seq, 'misplaced', `Entry ${seq} is in the wrong place, after entry ${previous.seq}.`);
  }
  if (hashEntry(entry) !== entry.hash) return explainHash(entry, previous);
  if (entry.previousHash !== previous.hash) {
    const before = seq === 1 ? 'the beginning' : `entry ${previous.seq}`;
    return fault(
      seq,
      'unlinked',
      `Entry ${seq} does not follow ${before}: one of the two comes from another trail, or its hash was recomputed.`,
    );
  }
  if (savedHead?.seq === seq && savedHead.hash !== entry.hash) {
    return fault(
      seq,
      'rewritten',
      `Entry ${seq} does not have the saved hash: the trail was rewritten at this entry or before it.`,
    );
  }
  return null;
}

/** Finds out what was changed in an entry whose hash doesn't match its content. */
function explainHash(entry: AuditEntry, previous: Head): ChainFault {
  const { seq } = entry;
  // An entry with the right previous hash is where it was recorded.
  if (entry.previousHash !== previous.hash) {
    if (hashEntry({ ...entry, previousHash: previous.hash }) === entry.hash) {
      return fault(seq, 'relinked', `The previous hash of entry ${seq} was changed, nothing else.`);
    }
    const original = findOriginalSeq(entry);
    if (original !== null) {
      return fault(
        seq,
        'moved',
        `Entry ${seq} was recorded as entry ${original}: entries were swapped or renumbered.`,
      );
    }
  }
  return fault(seq, 'changed', `Entry ${seq} was changed after it was recorded: its hash does not match.`);
}

/** The number that makes the entry's hash match, or null if there is none within the search window. */
function findOriginalSeq(entry: AuditEntry): number | null {
  for (let distance = 1; distance <= SEARCH_WINDOW; distance++) {
    for (const seq of [entry.seq + distance, entry.seq - distance]) {
      if (seq > 0 && hashEntry({ ...entry, seq }) === entry.hash) return seq;
    }
  }
  return null;
}

function removed(first: number, last: number): ChainFault {
  const message =
    first === last ? `Entry ${first} was removed.` : `Entries ${first} to ${last} were removed.`;
  return fault(first, 'removed', message);
}
